import Kernels
import Testing

@testable import QuantEngine

@Suite struct `Hints for a layer` {
  private func metric(cosine: Double = 0.95, local: Double? = 0.96, slope: Double = 1) -> LayerMetric {
    var m = LayerMetric(
      layer: "conv1", type: "Convolution", state: "quantized", cosine: cosine, cosineMin: cosine, sqnr_db: 10, mse: 0,
      max_abs: 0, slope: slope)
    m.local = local
    return m
  }

  private func hints(_ input: LayerDetails.Input, _ metric: LayerMetric? = nil) -> [String] {
    LayerHint.all(SomeDetails.layer("conv1", inputs: [input]), metric: metric).map(\.text)
  }

  @Test func `name a long tail from twice the rest on`() {
    #expect(
      hints(SomeDetails.input(tail: .init(percent: 99.9999, at: 8.9, end: 31)))
        == ["long tail: range 31, 99.9999% at 8.9"])
    #expect(
      hints(SomeDetails.input(tail: .init(percent: 99.99, at: -2, end: -4), bottom: 1)) == [
        "long tail: range -4, 99.99% at -2 (input 1)"
      ])
    #expect(hints(SomeDetails.input(tail: .init(percent: 99.9999, at: 16, end: 31))).isEmpty)
  }

  @Test func `name channels of very different range`() {
    #expect(hints(SomeDetails.input(channelRatio: 48)) == ["wide channel range (x 48) of the input"])
    #expect(hints(SomeDetails.input(channelRatio: 7.9)).isEmpty)
    let weights = SomeDetails.layer("conv1", weightRatio: 48.4)
    #expect(
      LayerHint.all(weights, metric: nil, hasChannelWiseWeights: false).map(\.text)
        == ["wide channel range (x 48.4) of the weights"])
    #expect(LayerHint.all(weights, metric: nil, hasChannelWiseWeights: true).isEmpty)
    #expect(LayerHint.all(weights, metric: nil).isEmpty)
  }

  @Test func `name clipped and vanishing values`() {
    #expect(hints(SomeDetails.input(saturated: 0.008)) == ["saturated 0.8 %"])
    #expect(hints(SomeDetails.input(saturated: 0.0009)).isEmpty)
    #expect(hints(SomeDetails.input(zeroed: 0.25)) == ["zeroed 25 %: steps too coarse"])
  }

  @Test func `name a slope outside its limits`() {
    let input = SomeDetails.input()
    #expect(hints(input, metric(slope: 0.94)) == ["slope 0.940 outside 0.97..1.03"])
    #expect(hints(input, metric(slope: 1.04)) == ["slope 1.040 outside 0.97..1.03"])
    #expect(hints(input, metric(slope: 1.03)).isEmpty && hints(input, metric(slope: 0.97)).isEmpty)
    #expect(hints(input, metric(slope: .nan)) == ["slope nan outside 0.97..1.03"])
  }

  @Test func `say when the loss is not the layer's own`() {
    #expect(
      hints(SomeDetails.input(), metric(local: 0.9995)) == ["local 0.99950: the loss comes from layers before"])
    #expect(hints(SomeDetails.input(), metric(cosine: 0.995, local: 0.9995)).isEmpty)
    #expect(hints(SomeDetails.input(), metric(cosine: .nan, local: 0.9995)).count == 1)
  }
}

@Suite struct `Proposals for a layer` {
  private var situation = TuningSituation(
    batchNum: 1, batchSize: 8, imagesAtHand: 64, numBits: 8, maxPercentile: 0.999999, searchEnd: 1.3, channelWise: true,
    channelWiseIsAllowed: true)

  private func metric(local: Double?) -> LayerMetric {
    var m = LayerMetric(
      layer: "conv1", type: "Convolution", state: "quantized", cosine: 0.9, cosineMin: 0.9, sqnr_db: 10, mse: 0,
      max_abs: 0, slope: 1)
    m.local = local
    return m
  }

  private func texts(_ input: LayerDetails.Input, _ s: TuningSituation, local: Double = 0.95) -> [String] {
    TuningProposal.all(SomeDetails.layer("conv1", inputs: [input]), metric: metric(local: local), s).map(\.text)
  }

  @Test func `climb the ladder, float last`() {
    #expect(texts(SomeDetails.input(), situation) == ["batch_num 2", "bits 12", "float"])
    let tail = SomeDetails.input(tail: .init(percent: 99.9999, at: 8.9, end: 31))
    #expect(texts(tail, situation) == ["batch_num 2", "percentile .9999", "bits 12", "float"])
    #expect(
      texts(SomeDetails.input(saturated: 0.01), situation)
        == ["batch_num 2", "search range 0.7 .. 1.6", "bits 12", "float"])
  }

  @Test func `leave out what is done or impossible`() {
    var s = situation
    s.batchNum = 2
    #expect(texts(SomeDetails.input(), s) == ["bits 12", "float"])
    s = situation
    s.imagesAtHand = 15
    #expect(texts(SomeDetails.input(), s) == ["bits 12", "float"], "no second batch of 8 in 15 images")
    s.numBits = 12
    s.channelWise = false
    #expect(texts(SomeDetails.input(), s) == ["per-channel weights", "float"])
    s.channelWiseIsAllowed = false
    #expect(texts(SomeDetails.input(), s) == ["float", "quantization-aware training"])
    s.maxPercentile = 0.9999
    let tail = SomeDetails.input(tail: .init(percent: 99.9999, at: 8.9, end: 31))
    #expect(texts(tail, s) == ["float", "quantization-aware training"])
  }

  @Test func `are none for a good layer and for a float one`() {
    #expect(texts(SomeDetails.input(), situation, local: 0.995).isEmpty)
    var float = SomeDetails.layer("relu")
    float.state = "float"
    #expect(TuningProposal.all(float, metric: nil, situation).isEmpty)
  }

  @Test func `give the number of the rung and the reason`() {
    let input = SomeDetails.input(channelRatio: 32)
    let all = TuningProposal.all(
      SomeDetails.layer("conv1", inputs: [input]), metric: metric(local: 0.9), situation)
    #expect(all.map(\.step.rawValue) == [1, 4, 2])
    #expect(all[1].reason == "wide channel range (x 32) of the input")
    #expect(all[1].change == .activationBits(12))
  }
}
