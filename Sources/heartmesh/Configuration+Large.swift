internal import Documents
internal import Mesh

/// The twin of a channel's probes that carries a large payload.
struct LargeSettings: Equatable, Sendable {
    /// `auto` and `on` are the same: there is one wherever the channel has a target.
    var mode: Configuration.Mode
    var interval = Duration.seconds(60)
    /// Bytes each way.
    var size = 8192

    /// On by default where the path leads to one pod, whatever lies between.
    init(of channel: Channel) {
        switch channel {
        case .pod, .multus: mode = .auto
        default: mode = .off
        }
    }
}

extension LargeSettings {
    mutating func read(_ fields: Fields) {
        mode = fields["mode"]?.mode() ?? mode
        interval = fields["interval"]?.duration(in: .seconds(1)...(.seconds(3600))) ?? interval
        // Below, nothing fills a packet; above, no responder takes it.
        size = fields["size"]?.int(in: 1500...65_536) ?? size
    }
}

extension Configuration.ChannelSettings {
    /// Between two probes of a target.
    func interval(of payload: Payload) -> Duration {
        switch payload {
        case .small: interval
        case .large: large.interval
        }
    }
}

extension Plan.Settings {
    mutating func setLargePayloads(_ configuration: Configuration) {
        for channel in Channel.allCases where channel.takesLargePayload {
            let large = configuration[channel].large
            largePayloads[channel] = large.mode == .off ? nil : large.size
        }
    }
}
