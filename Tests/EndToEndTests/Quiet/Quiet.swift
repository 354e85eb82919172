import Testing

/// The parent of all suites that prove, with real processes, that comings and goings raise no alarm and that faults do:
/// one fleet at a time, so that two cores are enough.
@Suite(.serialized) enum Quiet {}
