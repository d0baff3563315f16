import CPlugin
import CaffeFormat
import Diagnostics
import Glibc
import LayerGraph
import Tensors

/// A library that brings layer types, loaded for as long as the program runs.
package struct PluginLibrary: Sendable {
  package let path: String
  package let types: [any PluggedLayerType]

  private static let entry = "cortado_plugin_entry"

  /// Version of the interface that plug-ins are built for.
  package static var interfaceVersion: Int { Int(CORTADO_PLUGIN_ABI) }

  /// - Parameter schema: prints the layers' parameters for the library.
  /// - Throws: what keeps the library from being loaded, at its path; another version of the interface; types without a
  ///   name or a function.
  package init(path: String, schema: ProtoSchema) throws(DiagnosticError) {
    self.path = path
    let place = SourceLocation(file: path)
    let key = try FileBytes(path).withBytes { ContentKey(of: $0) }
    // A bare name would be looked for among the system's libraries.
    guard let handle = dlopen(path.contains("/") ? path : "./" + path, RTLD_NOW | RTLD_LOCAL) else {
      throw DiagnosticError(
        "cannot load this plug-in: \(Self.loaderError)", at: place,
        help: ["a plug-in is a shared library for this machine: cc -shared -fPIC -o libmine.so mine.c"])
    }
    guard let symbol = dlsym(handle, Self.entry) else {
      throw DiagnosticError(
        "this library is no plug-in: it exports no function '\(Self.entry)'", at: place,
        help: ["docs/plugins.md tells what a plug-in must have; in C++ the function stands in extern \"C\""])
    }
    typealias Entry = @convention(c) (UInt32) -> UnsafePointer<cortado_plugin>?
    guard let plugin = unsafeBitCast(symbol, to: Entry.self)(CORTADO_PLUGIN_ABI) else {
      throw DiagnosticError("'\(Self.entry)' of this plug-in gave nothing", at: place)
    }
    guard plugin.pointee.abi == CORTADO_PLUGIN_ABI else {
      throw DiagnosticError(
        "this plug-in is built for version \(plugin.pointee.abi) of the plug-in interface, Cortado has version "
          + "\(CORTADO_PLUGIN_ABI)", at: place,
        help: ["build it again with the cortado_plugin.h of this Cortado"])
    }
    guard let table = plugin.pointee.types, plugin.pointee.type_count > 0, plugin.pointee.type_count <= 10_000 else {
      throw DiagnosticError("this plug-in has no layer types", at: place)
    }
    types = try (0..<Int(plugin.pointee.type_count)).map { index throws(DiagnosticError) in
      try PluginType(table + index, library: path, key: key, schema: schema)
    }
  }

  private static var loaderError: String { dlerror().map { String(cString: $0) } ?? "the loader gave no reason" }
}

/// One layer type of a library.
struct PluginType: PluggedLayerType, @unchecked Sendable {
  // Sendable: the library's table never changes.
  let table: UnsafePointer<cortado_layer_type>
  let name: String
  let library: String
  let arity: Arity
  /// Of the library's file.
  let key: ContentKey
  let schema: ProtoSchema

  init(
    _ table: UnsafePointer<cortado_layer_type>, library: String, key: ContentKey, schema: ProtoSchema
  ) throws(DiagnosticError) {
    let raw = table.pointee
    let place = SourceLocation(file: library)
    guard let text = raw.type, text.pointee != 0 else {
      throw DiagnosticError("a layer type of this plug-in has no name", at: place)
    }
    name = String(cString: text)
    guard raw.top_shapes != nil, raw.forward != nil else {
      throw DiagnosticError("layer type '\(name)' of this plug-in lacks top_shapes or forward", at: place)
    }
    guard let bottoms = Self.range(raw.min_bottoms, raw.max_bottoms), let tops = Self.range(raw.min_tops, raw.max_tops)
    else {
      throw DiagnosticError(
        "layer type '\(name)' of this plug-in takes \(raw.min_bottoms) to \(raw.max_bottoms) bottoms and makes "
          + "\(raw.min_tops) to \(raw.max_tops) tops, which is not possible", at: place)
    }
    arity = Arity(bottoms: bottoms, tops: tops)
    self.table = table
    self.library = library
    self.key = key
    self.schema = schema
  }

  private static func range(_ low: Int32, _ high: Int32) -> ClosedRange<Int>? {
    if low < 0 { return nil }
    if high == -1 { return Int(low)...Int.max }
    return high < low ? nil : Int(low)...Int(high)
  }

  var quantization: QuantizationRole { table.pointee.flags & CORTADO_QUANTIZES_INPUT != 0 ? .data() : .none }

  func make(_ source: LayerSource) throws(LayerError) -> any LayerType { try PluginLayer(source, of: self) }
}
