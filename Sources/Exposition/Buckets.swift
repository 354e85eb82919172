/// The upper edges of the house's histograms, in seconds, ascending, without `+Inf`.
package enum Buckets {
    /// Edges for the latency of a probe.
    ///
    /// In-cluster round trips take 0.1 to 5 ms, which is where most edges are. The last four follow the kernel: a lost
    /// SYN is sent again 1.0, 2.05 and 3.08 s after the first one, so 0.5, 1.5, 2.5 and 3.5 lie between
    /// these modes, and each of the last buckets holds the connections that lost exactly that many SYNs.
    package static let latency: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.5, 2.5, 3.5,
    ]

    /// Edges for how late the event loop ran a timer: our own lateness, a matter of milliseconds unless we are starved.
    package static let lag: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
    ]
}
