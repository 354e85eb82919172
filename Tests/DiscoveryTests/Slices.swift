import Mesh
import Support
import Testing

@testable import Discovery

/// The recorded list of the peers' slices of three nodes, and of others.
let threeNodes = "3/list/endpointslices-of-service.json"
let fiveThousandNodes = "5000/endpointslices-of-service.json"

func slices(_ document: [UInt8]) throws -> [EndpointSlice] {
    try ListPage(document: document, item: EndpointSlice.init).items
}

extension SliceCache {
    init(_ slices: [EndpointSlice]) {
        self.init()
        replaceAll(with: slices)
    }
}

extension EndpointSlice {
    /// A slice with one port named http, in the API's own words.
    init(_ name: String, type: String = "IPv4", version: Int = 1, port: Int = 8900, _ endpoints: [String]) throws {
        let text =
            #"{"metadata":{"name":"\#(name)","resourceVersion":"\#(version)"},"addressType":"\#(type)","#
            + #""ports":[{"name":"http","port":\#(port)}],"endpoints":[\#(endpoints.joined(separator: ","))]}"#
        try self.init(document: Array(text.utf8))
    }

    /// An endpoint, in the API's own words.
    static func endpoint(
        _ address: String, node: String? = "node-a", zone: String? = "z1", pod: String? = "pod-1", ready: Bool = true,
        serving: Bool = true, terminating: Bool = false
    ) -> String {
        var text =
            #"{"addresses":["\#(address)"],"conditions":{"ready":\#(ready),"serving":\#(serving),"terminating":"#
            + "\(terminating)}"
        if let node { text += #","nodeName":"\#(node)""# }
        if let zone { text += #","zone":"\#(zone)""# }
        if let pod { text += #","targetRef":{"kind":"Pod","name":"\#(pod)-name","uid":"\#(pod)"}"# }
        return text + "}"
    }
}

/// IP addresses out of texts that are some.
func addresses(_ texts: String...) -> [IPAddress] {
    texts.map { text in
        guard let address = IPAddress(text) else { preconditionFailure("\(text) is no IP address") }
        return address
    }
}
