import CaffeFormat
import Diagnostics
import Tensors

/// What a layer refuses: a parameter out of range, a bottom of the wrong shape, too many bottoms.
package struct LayerError: DiagnosticConvertible {
  package let diagnostics: [Diagnostic]

  package init(_ diagnostic: Diagnostic) { diagnostics = [diagnostic] }

  /// A parameter that the prototxt sets wrongly, at its own place.
  package static func parameter(_ text: String, at location: SourceLocation, help: [String] = []) -> LayerError {
    LayerError(.error(text, at: location, help: help))
  }

  /// Bottoms whose shapes don't fit; the graph adds layer name and place.
  package static func shape(_ text: String) -> LayerError { LayerError(.error(text)) }
}

/// What `LayerType.init` reads from.
package struct LayerSource: Sendable {
  package let parameter: LayerParameter

  package init(_ parameter: LayerParameter) { self.parameter = parameter }

  package var name: String { parameter.name }
  package var type: String { parameter.type }
  package var location: SourceLocation { parameter.location }
  package var topCount: Int { parameter.tops.count }
  package var bottomCount: Int { parameter.bottoms.count }

  /// The sub-message `field` (`convolution_param`), or an empty one placed at the layer.
  package func settings(_ field: String) -> ProtoMessage {
    parameter.message.message(field) ?? ProtoMessage(field, location: parameter.location)
  }

  /// Refuses with "layer 'conv1' (Convolution): text" at `field` of `settings`.
  package func error(_ text: String, _ settings: ProtoMessage? = nil, field: String? = nil) -> LayerError {
    let place = settings.map { s in field.map(s.location(of:)) ?? s.location } ?? location
    return .parameter("layer '\(name)' (\(type)): \(text)", at: place.line > 0 ? place : location)
  }

  /// A positive integer field; `Int32.max` bounds it as Caffe's schema does.
  package func positive(_ settings: ProtoMessage, _ field: String, default value: Int? = nil) throws(LayerError) -> Int
  {
    guard let v = settings.int(field) ?? value else { throw error("needs \(field)", settings) }
    guard v > 0, v <= Int(Int32.max) else { throw error("\(field) must be positive, is \(v)", settings, field: field) }
    return v
  }

  /// A non-negative integer field.
  package func natural(_ settings: ProtoMessage, _ field: String, default value: Int) throws(LayerError) -> Int {
    let v = settings.int(field) ?? value
    guard v >= 0, v <= Int(Int32.max) else {
      throw error("\(field) must not be negative, is \(v)", settings, field: field)
    }
    return v
  }
}
