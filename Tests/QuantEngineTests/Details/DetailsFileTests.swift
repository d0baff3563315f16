import Foundation
import Kernels
import Testing

@testable import QuantEngine

/// Made-up details, as a comparison would keep them.
enum SomeDetails {
  static func layer(
    _ name: String, inputs: [LayerDetails.Input] = [], cosines: [Float] = [0.9, 0.8, .nan], weightRatio: Double? = nil
  ) -> LayerDetails {
    let numbers = LayerDetails.Numbers(count: 8, mean: 1, deviation: 2, min: -.infinity, max: 4, notFinite: 1)
    let bins = BinCounts(start: -1, width: 0.5, counts: [3, 0, 5])
    return LayerDetails(
      layer: name, type: "Convolution", state: "quantized", inputs: inputs, original: numbers, quantized: numbers,
      originalHistogram: bins, quantizedHistogram: bins, channelMin: [-1, 0, -.infinity], channelMax: [1, 2, 3],
      channelCosine: [0.95, 0.5, 0.89], cosines: cosines, localCosines: [1, 0.99, 0.98],
      scatter: .init(image: 1, original: [1, -2.5], quantized: [1.25, -2.5]), weightRatio: weightRatio)
  }

  static func input(
    tail: LayerDetails.Tail? = nil, saturated: Double = 0, zeroed: Double = 0, channelRatio: Double? = nil,
    bottom: Int = 0
  ) -> LayerDetails.Input {
    LayerDetails.Input(
      bottom: bottom, blob: "x", numBits: 8, scale: 0.1, offset: -128, clipMin: 0, clipMax: 25.5, rangeMin: 0,
      rangeMax: 31, histogram: BinCounts(start: 0, width: 1, counts: [1, 2]), tail: tail, saturated: saturated,
      zeroed: zeroed, channelRatio: channelRatio)
  }
}

@Suite struct `The details file` {
  private let path = NSTemporaryDirectory() + "cortado-details-" + UUID().uuidString + "/details.jsonl"

  private func write(_ layers: [LayerDetails]) throws {
    try DetailsFile.write(layers, images: ["a.png", "b.png", "c, \"d\".png"], to: path)
  }

  private func remove() { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }

  @Test func `gives back what was written`() throws {
    defer { remove() }
    let input = SomeDetails.input(tail: .init(percent: 99.99, at: 8.9, end: 31), channelRatio: 48)
    let layers = [SomeDetails.layer("conv1", inputs: [input], weightRatio: 3), SomeDetails.layer("fire2/concat")]
    try write(layers)
    let details = try #require(DetailsReader(path: path))
    #expect(details.layers == ["conv1", "fire2/concat"])
    #expect(details.images == ["a.png", "b.png", "c, \"d\".png"])
    for layer in layers {
      let read = try #require(details.layer(layer.layer))
      #expect(read.cosines[..<2] == layer.cosines[..<2] && read.cosines[2].isNaN)
      #expect(read.name(ofImage: 2) == "c, \"d\".png" && read.name(ofImage: 3) == "image 4")
      var same = read
      (same.imageNames, same.cosines) = ([], layer.cosines)
      var expected = layer
      (expected.cosines, same.cosines) = ([], [])
      #expect(same == expected)
    }
    #expect(details.layer("conv2") == nil)
  }

  @Test func `that is missing, cut off or of another version gives no details`() throws {
    defer { remove() }
    #expect(DetailsReader(path: path) == nil)
    try write([SomeDetails.layer("conv1")])
    let bytes = try #require(FileManager.default.contents(atPath: path))
    let url = URL(fileURLWithPath: path)
    for length in [0, 1, 10, bytes.count / 2, bytes.count - 2, bytes.count - 1] {
      try bytes.prefix(length).write(to: url)
      #expect(DetailsReader(path: path) == nil, "\(length) bytes")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    try Data(text.replacing("\"version\":1}", with: "\"version\":2}").utf8).write(to: url)
    #expect(DetailsReader(path: path) == nil)
  }

  /// Every byte changed once: never a trap, never a wrong value.
  @Test func `that is damaged anywhere gives the truth or nothing`() throws {
    defer { remove() }
    let layer = SomeDetails.layer("conv1", cosines: [0.9])
    try write([layer])
    let bytes = try #require(FileManager.default.contents(atPath: path))
    for i in bytes.indices {
      var damaged = bytes
      damaged[i] = damaged[i] == 57 ? 56 : 57
      if damaged[i] == bytes[i] { continue }
      try damaged.write(to: URL(fileURLWithPath: path))
      if var read = DetailsReader(path: path)?.layer("conv1") {
        read.imageNames = []
        #expect(read == layer, "byte \(i)")
      }
    }
  }

  @Test func `of thousands of layers is opened and asked within the time of a key stroke`() throws {
    defer { remove() }
    let layer = SomeDetails.layer("x")
    try write(
      (0..<5000).map {
        var copy = layer
        copy.layer = "stage\($0 / 100)/block\($0)/branch2b"
        return copy
      })
    let start = monotonicSeconds()
    let details = try #require(DetailsReader(path: path))
    #expect(details.layer("stage49/block4999/branch2b")?.channelMax == [1, 2, 3])
    let seconds = monotonicSeconds() - start
    #expect(details.layers.count == 5000)
    // 50 ms from key to paint; a loaded machine may take a little longer.
    #expect(seconds < 0.2, "\(seconds) s")
  }
}

@Suite struct `Layer details` {
  @Test func `list the worst channels and images first`() {
    let d = SomeDetails.layer("conv1")
    #expect(d.channelsWorstFirst.map(\.index) == [1, 2, 0])
    #expect(d.channels() == 2 && d.channels(under: 0.6) == 1)
    #expect(d.imagesWorstFirst == [2, 1, 0])
  }

  @Test func `sum up how images spread`() throws {
    // Of 40 values 5 % are the two lowest.
    let values = (0..<40).map { 1 - Double($0) / 100 }
    let s = try #require(Spread(values))
    #expect(s.min == values[39] && s.max == 1 && s.worst == 39 && s.p5 == values[38])
    #expect(s.median == (values[19] + values[20]) / 2)
    #expect(Spread([]) == nil)
    let one = try #require(Spread([0.5]))
    #expect(one.min == 0.5 && one.p5 == 0.5 && one.median == 0.5 && one.max == 0.5 && one.worst == 0)
    let bad = try #require(Spread([0.5, .nan, 0.1]))
    #expect(bad.min.isNaN && bad.worst == 1 && bad.max == 0.5)
  }

  @Test func `take one scatter point from each stretch of an image`() {
    #expect(ScatterSample.places(3, limit: 4) == [0, 1, 2])
    let places = ScatterSample.places(50_000, limit: 4096)
    #expect(places.count == 4096)
    for (k, place) in places.enumerated() {
      #expect(place >= k * 50_000 / 4096 && place < (k + 1) * 50_000 / 4096)
    }
    #expect(ScatterSample.limit(layers: 60) == 4096 && ScatterSample.limit(layers: 5000) == 256)
  }
}
