#ifndef HEARTMESH_CYAML_SHIM_H
#define HEARTMESH_CYAML_SHIM_H

#include <yaml.h>

#endif
