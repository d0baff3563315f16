import QuantEngine

/// What a run tells of a layer beyond its metrics, ready to be shown.
struct ShownDetails: Sendable {
  let details: LayerDetails
  /// The worst first.
  let channels: [LayerDetails.Channel]
  let images: [Int]
  let spread: Spread?
  /// Output channels whose cosine is under .9.
  let badChannels: Int
  let points: ScatterPlot?

  init(_ details: LayerDetails) {
    self.details = details
    channels = details.channelsWorstFirst
    images = details.imagesWorstFirst
    spread = details.spread
    badChannels = details.channels()
    points = details.scatter.flatMap { scatter in
      let samples = zip(scatter.original, scatter.quantized).map { ScatterPlot.Sample(Double($0), Double($1)) }
      return ScatterPlot.range(of: samples).map { ScatterPlot(points: samples, range: $0, hasDiagonal: true) }
    }
  }

  /// The file's name; of tensors, which item.
  func name(ofImage image: Int) -> String {
    let name = details.name(ofImage: image)
    return name.hasSuffix("/") ? name : name.split(separator: "/").last.map(String.init) ?? name
  }

  /// The place of an image among all, worst first, from 1.
  func rank(ofImage image: Int) -> Int? { images.firstIndex(of: image).map { $0 + 1 } }
}

/// Details of layers of one run, read when they are first wanted; the latest are kept.
struct DetailsStore: Sendable {
  enum State: Sendable {
    case reading
    case found(ShownDetails)
    /// A sentence that says why there are none.
    case none(String)
  }

  static let limit = 64

  private(set) var run: Int?
  private var known: [String: State] = [:]
  private var isReading = false

  func state(of layer: String) -> State { known[layer] ?? .reading }

  /// The layers to ask for now, of those wanted; the first is the one that is looked at. None while an answer is under
  /// way: a held key would ask for every layer it passes.
  mutating func take(_ wanted: [String], run: Int) -> [String] {
    if self.run != run { self = DetailsStore(run: run) }
    guard !isReading else { return [] }
    let missing = wanted.filter { known[$0] == nil }
    isReading = !missing.isEmpty
    return missing
  }

  mutating func hear(_ answers: [String: DetailsAnswer], run: Int) {
    guard run == self.run else { return }
    isReading = false
    if known.count + answers.count > Self.limit { known = [:] }
    for (layer, answer) in answers {
      switch answer {
      case .found(let details): known[layer] = .found(ShownDetails(details))
      case .none(let reason): known[layer] = .none(reason)
      }
    }
  }

  init() {}
  private init(run: Int) { self.run = run }
}
