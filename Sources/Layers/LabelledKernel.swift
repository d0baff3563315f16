import Kernels
import LayerGraph
import Tensors

/// Runs a layer's reference loops after a look at its labels (bottom 1): integers of `0 ..< classes`, or the ignored one.
struct LabelledKernel: LayerKernel {
  let bottomLayouts: [Layout]
  let topLayouts: [Layout]
  var backend: String { loops.backend }
  private let loops: ReferenceKernel
  private let classes: Int
  private let ignored: Int?
  /// "layer 'accuracy' (Accuracy)"
  private let owner: String

  init(_ layer: any LayerType, _ context: KernelContext, owner: String, classes: Int, ignored: Int?) {
    loops = ReferenceKernel(layer, context.shapes, context.params)
    bottomLayouts = loops.bottomLayouts
    topLayouts = loops.topLayouts
    self.owner = owner
    self.classes = classes
    self.ignored = ignored
  }

  func run(_ io: KernelIO) throws(KernelError) {
    let labels = io.bottom(1)
    for i in 0..<labels.count where Label(labels[i], classes: classes, ignored: ignored) == .invalid {
      throw KernelError("\(owner): label \(labels[i]) at index \(i) is no class of the \(classes) of its first bottom")
    }
    loops.run(io)
  }
}

/// A label as Caffe takes it from a float: the integer part.
enum Label: Equatable {
  case ignored
  case of(Int)
  case invalid

  init(_ value: Float, classes: Int, ignored: Int?) {
    guard value.isFinite, let label = Int(exactly: value.rounded(.towardZero)) else {
      self = .invalid
      return
    }
    self = label == ignored ? .ignored : (0..<classes).contains(label) ? .of(label) : .invalid
  }
}

/// How the scores of one layer (bottom 0) and the labels (bottom 1) lie: scores `[outer, classes, inner]`, labels
/// `[outer, inner]`.
struct LabelAxes {
  let outer: Int
  let classes: Int
  let inner: Int

  init?(_ scores: Shape, axis: Int) {
    guard let a = scores.canonicalAxis(axis) else { return nil }
    outer = scores.count(upTo: a)
    classes = scores[a]
    inner = scores.count(from: a + 1)
  }

  /// - Throws: a shape error naming both counts.
  func check(_ bottoms: [Shape]) throws(LayerError) {
    guard outer * inner == bottoms[1].count else {
      throw .shape(
        "needs one label for each of the \(outer * inner) positions of \(bottoms[0]), its second bottom \(bottoms[1]) has "
          + "\(bottoms[1].count)")
    }
  }
}
