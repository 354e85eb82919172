// swift-tools-version: 6.2

import PackageDescription

// Which module may use which: data flows one way, from Discovery through Mesh and Probing to Exposition and Serving.
let package = Package(
    name: "heartmesh",
    products: [
        .executable(name: "heartmesh", targets: ["heartmesh"])
    ],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLinux"),
        .target(name: "CDatagrams"),

        .target(name: "Reactor", dependencies: ["CCurl", "CDatagrams", "CLinux"]),
        .target(name: "Mesh"),
        .target(name: "Documents", dependencies: ["CYaml"]),
        .target(name: "Discovery", dependencies: ["Documents", "Mesh", "Reactor"]),
        .target(name: "Probing", dependencies: ["CCurl", "Documents", "Mesh", "Reactor"]),
        .target(name: "Exposition"),
        .target(name: "Serving", dependencies: ["CMicrohttpd", "CLinux", "Exposition", "Mesh", "Reactor"]),
        .executableTarget(
            name: "heartmesh",
            dependencies: ["Discovery", "Documents", "Exposition", "Mesh", "Probing", "Reactor", "Serving"]
        ),

        .target(name: "Support", path: "Tests/Support"),
        .testTarget(name: "SupportTests", dependencies: ["Support"]),
        .testTarget(name: "ReactorTests", dependencies: ["CLinux", "Reactor", "Support"]),
        .testTarget(name: "MeshTests", dependencies: ["Mesh", "Support"]),
        .testTarget(name: "DocumentsTests", dependencies: ["Documents"]),
        .testTarget(name: "DiscoveryTests", dependencies: ["Discovery", "Documents", "Mesh", "Reactor", "Support"]),
        .testTarget(name: "ProbingTests", dependencies: ["Documents", "Mesh", "Probing", "Reactor", "Support"]),
        .testTarget(name: "ExpositionTests", dependencies: ["Exposition"]),
        .testTarget(name: "ServingTests", dependencies: ["Exposition", "Mesh", "Reactor", "Serving", "Support"]),
        .testTarget(
            name: "heartmeshTests",
            dependencies: [
                "Discovery", "Documents", "Exposition", "heartmesh", "Mesh", "Probing", "Reactor", "Support",
            ]),
        .testTarget(name: "EndToEndTests", dependencies: ["heartmesh", "Support"]),
        .testTarget(
            name: "LabTests", dependencies: ["heartmesh", "Support"], path: "Tests/Lab", exclude: ["README.md"]),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
}
