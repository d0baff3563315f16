import Diagnostics
import Foundation
import Quantization
import Testing

@testable import QuantEngine

/// The call behind `cortado config init`, as other programs make it.
@Suite struct ConfigSourceTests {
  private static let model: ModelFiles = {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let stem = tests.deletingLastPathComponent().path + "/Samples/digits/digits"
    return ModelFiles(prototxt: stem + ".prototxt", weights: stem + ".caffemodel")
  }()

  private func make(_ change: (inout ConfigSource) -> Void) throws -> (config: QuantConfig, news: [String]) {
    var source = ConfigSource()
    change(&source)
    let model = try LoadedModel(Self.model, missing: nil)
    var warnings: [Diagnostic] = []
    let config = try source.config(for: model, &warnings)
    return (config, warnings.map(\.text))
  }

  private func refusal(_ change: (inout ConfigSource) -> Void) -> (status: QuantEngine.ExitStatus?, texts: [String]) {
    do {
      _ = try make(change)
      return (nil, [])
    } catch let error as QuantError {
      return (error.status, error.diagnostics.map(\.text))
    } catch {
      return (nil, ["\(error)"])
    }
  }

  @Test func `layers and types to skip are parameters`() throws {
    let made = try make {
      $0.skipLayers = ["conv1"]
      $0.skipLayerTypes = ["Pooling"]
      $0.batchNum = 3
      $0.symmetric = true
    }
    #expect(made.config.layerNames.filter { !made.config.isEnabled($0) } == ["conv1", "pool1", "pool2", "relu1"])
    #expect(made.config.batchNum == 3 && !made.config.activationOffset && made.news.isEmpty)
  }

  @Test func `what names nothing, or leaves nothing, is refused as bad input`() {
    let unknown = refusal { $0.skipLayers = ["conv9"] }
    #expect(unknown.status == .badInput && unknown.texts == ["Layer conv9 does not exist in the graph."])
    let all = refusal { $0.skipLayerTypes = ["Convolution", "InnerProduct", "Pooling", "Softmax"] }
    #expect(all.status == .badInput && all.texts == ["Except skip_layers or skip_types, no layer need to quantize."])
    let batches = refusal { $0.batchNum = 0 }
    #expect(batches.status == .badInput && batches.texts == ["The batch_num must be greater than zero."])
  }

  @Test func `a type without layers to quantize is a warning`() throws {
    #expect(try make { $0.skipLayerTypes = ["Input"] }.news == ["Layer type Input does not support quantize."])
  }
}
