import Diagnostics
import Tensors

/// What a run fed its net: runs on other data have figures that cannot be compared.
package struct RunData: Codable, Sendable, Hashable {
  /// What `--images` said, or the inputs' words.
  package var source: String
  /// Images that could be used.
  package var found: Int
  package var batchSize: Int
  /// Names the first batch as the net sees it: the images' bytes and their preprocessing.
  package var key: String

  /// `nil` when the data cannot be read.
  package init?(_ feed: DataFeed, _ options: DataOptions) {
    guard let keys = try? feed.contentKeys(batches: min(1, feed.batchCount)) else { return nil }
    let hasher = ContentHasher("run data")
    for (name, key) in keys.sorted(by: { $0.key < $1.key }) {
      hasher.add(name)
      hasher.add(key)
    }
    source = feed.imageSpec ?? options.inputs.joined(separator: " ")
    found = feed.itemCount
    batchSize = feed.batchSize
    key = "\(hasher.key)"
  }

  package init(source: String, found: Int, batchSize: Int, key: String) {
    self.source = source
    self.found = found
    self.batchSize = batchSize
    self.key = key
  }

  /// Whether two runs saw the same images in the same way; `nil` where one does not say.
  package static func areSame(_ a: RunData?, _ b: RunData?) -> Bool? {
    guard let a, let b else { return nil }
    if a.found != b.found { return false }
    // Batches of another size may begin with the same images, but the keys do not tell.
    return a.batchSize == b.batchSize ? a.key == b.key : nil
  }
}
