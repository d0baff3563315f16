import CaffeFormat
import Diagnostics
import LayerGraph
import Tensors

@testable import Quantization

/// A layer type of which only the quantization role matters: its tops are as its first bottom.
protocol FakeLayer: LayerType {
  static var role: QuantizationRole { get }
  init()
}

extension FakeLayer {
  static var arity: Arity { Arity(bottoms: 1...8, tops: 1...8) }
  var quantization: QuantizationRole { Self.role }
  init(_ source: LayerSource) throws(LayerError) { self.init() }
  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] { [bottoms[0]] }
  func reference(_ run: LayerRun) {}
}

enum Fake {
  struct Convolution: FakeLayer {
    static let caffeTypes = ["Convolution"]
    static let role = QuantizationRole.weightsAndData(channelWise: true)
  }
  struct DepthwiseConv: FakeLayer {
    static let caffeTypes = ["DepthwiseConv", "ConvolutionDepthwise", "DepthwiseConvolution"]
    static let role = QuantizationRole.weightsAndData(channelWise: true)
  }
  struct InnerProduct: FakeLayer {
    static let caffeTypes = ["InnerProduct"]
    static let role = QuantizationRole.weightsAndData(channelWise: false)
  }
  struct LSTM: FakeLayer {
    static let caffeTypes = ["LSTM"]
    static let role = QuantizationRole.weightsAndData(channelWise: false)
  }
  struct Pooling: FakeLayer {
    static let caffeTypes = ["Pooling"]
    static let role = QuantizationRole.data()
  }
  struct Eltwise: FakeLayer {
    static let caffeTypes = ["Eltwise"]
    static let role = QuantizationRole.data(inputs: .all)
  }
  struct ReLU: FakeLayer {
    static let caffeTypes = ["ReLU"]
    static let role = QuantizationRole.data(on: false)
  }
  struct BatchNorm: FakeLayer {
    static let caffeTypes = ["BatchNorm"]
    static let role = QuantizationRole.data(on: false)
  }
  struct Silence: FakeLayer {
    static let caffeTypes = ["Silence"]
    static let role = QuantizationRole.none
  }

  static let catalog = LayerCatalog([
    Convolution.self, DepthwiseConv.self, InnerProduct.self, LSTM.self, Pooling.self, Eltwise.self, ReLU.self,
    BatchNorm.self, Silence.self,
  ])

  /// A net over the input `data`; a layer is "name Type bottom,bottom" and its top carries its name.
  static func graph(_ layers: [String]) throws -> Graph {
    let parameters = layers.enumerated().map { i, line in
      let words = line.split(separator: " ").map(String.init)
      var fields = [ProtoField("name", .string(words[0])), ProtoField("type", .string(words[1]))]
      fields += words[2].split(separator: ",").map { ProtoField("bottom", .string(String($0))) }
      fields.append(ProtoField("top", .string(words[0])))
      let place = SourceLocation(file: "net.prototxt", line: i + 2, column: 1)
      return LayerParameter(ProtoMessage("LayerParameter", fields: fields, location: place))
    }
    let input = NetInput(
      name: "data", shape: Shape([1, 3, 8, 8]), location: SourceLocation(file: "net.prototxt", line: 1, column: 1))
    var log = DiagnosticLog()
    return try Graph.build(
      name: "fake", header: ProtoMessage("NetParameter"), inputs: [input], layers: parameters, catalog: catalog,
      log: &log)
  }

  /// conv1 - relu1 - pool1 - conv2, add(conv2, pool1), fc.
  static func net() throws -> Graph {
    try graph([
      "conv1 Convolution data", "relu1 ReLU conv1", "pool1 Pooling relu1", "conv2 Convolution pool1",
      "add Eltwise conv2,pool1", "fc InnerProduct add",
    ])
  }
}

/// The text of the errors and warnings that `body` throws, as the terminal shows them; empty when it does not throw.
func refusal(_ body: () throws -> Void) -> [String] {
  do {
    try body()
    return []
  } catch let error as DiagnosticError {
    return error.diagnostics.flatMap(\.lines)
  } catch {
    return ["not a DiagnosticError: \(error)"]
  }
}

/// Reads `text` as config.json for `graph`; warnings and notes go to the second result.
func readConfig(_ text: String, _ graph: Graph) throws -> (config: QuantConfig, news: [String]) {
  var log = DiagnosticLog()
  let config = try QuantConfig.read(Array(text.utf8), file: "config.json", for: graph, log: &log)
  return (config, log.diagnostics.flatMap(\.lines))
}
