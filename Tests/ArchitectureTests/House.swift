/// The targets under `Sources`, bottom to top, and what each may import: written down once more, so that a new arrow in
/// Package.swift is a decision and not a slip.
enum House {
  struct Target {
    let name: String
    /// What Package.swift says it stands on.
    let standsOn: [String]
    /// What its sources may import, when that is less or other than everything it stands on, directly or not.
    var sees: [String]?

    init(_ name: String, on standsOn: [String] = [], sees: [String]? = nil) {
      self.name = name
      self.standsOn = standsOn
      self.sees = sees
    }
  }

  static let targets: [Target] = [
    Target("CProtobuf"),
    Target("CKernels"),
    Target("CImages"),
    Target("CLMDB"),
    Target("CHDF5"),
    Target("CHash"),
    Target("CDigest"),
    Target("CPlugin"),
    Target("CCurses"),

    Target("Diagnostics"),
    Target("Tensors", on: ["Diagnostics", "CHash"]),
    Target("CaffeFormat", on: ["CProtobuf", "Tensors"]),
    Target("Kernels", on: ["Tensors", "CKernels"]),
    Target("LayerGraph", on: ["CaffeFormat", "Kernels"]),
    Target("Layers", on: ["LayerGraph"]),
    Target("Plugins", on: ["LayerGraph", "CPlugin"]),
    Target("Passes", on: ["Layers"]),
    Target("Engine", on: ["LayerGraph"]),
    Target("Datasets", on: ["CaffeFormat", "CImages", "CLMDB", "CHDF5"]),
    Target("Quantization", on: ["Engine", "Passes"]),
    Target("Writers", on: ["Quantization"]),
    Target("QuantEngine", on: ["Writers", "Datasets", "Plugins", "CDigest"]),

    // The faces see the facade, and below it only values: diagnostics, shapes, the net, the configuration.
    Target(
      "WorkbenchUI", on: ["QuantEngine", "Diagnostics"],
      sees: ["QuantEngine", "Diagnostics", "Quantization", "LayerGraph"]),
    Target("Terminal", on: ["WorkbenchUI", "CCurses"], sees: ["WorkbenchUI", "CCurses", "Diagnostics"]),
    Target(
      "cortado", on: ["Terminal", "ArgumentParser"],
      sees: [
        "ArgumentParser", "Datasets", "Diagnostics", "LayerGraph", "QuantEngine", "Quantization", "Tensors", "Terminal",
        "WorkbenchUI",
      ]),
  ]

  /// Modules of the platform, free to all.
  static let platform: Set<String> = ["Dispatch", "Foundation", "Glibc", "Synchronization"]

  /// Only these may touch C: each shim has one Swift target above it.
  static let ownerOfShim = [
    "CProtobuf": "CaffeFormat", "CKernels": "Kernels", "CImages": "Datasets", "CLMDB": "Datasets",
    "CHDF5": "Datasets",
    "CDigest": "QuantEngine", "CHash": "Tensors", "CCurses": "Terminal",
    "CPlugin": "Plugins",
  ]

  /// What `target` may import.
  static func visible(from target: Target) -> Set<String> {
    if let sees = target.sees { return Set(sees) }
    var all: Set<String> = []
    var open = target.standsOn
    while let name = open.popLast() {
      if all.insert(name).inserted { open += targets.first { $0.name == name }?.standsOn ?? [] }
    }
    return all.filter { shim in ownerOfShim[shim].map { $0 == target.name } ?? true }
  }
}
