extension DataFlags {
  /// The flags as they were given, for a run that shall see the same data.
  var words: [String] {
    var words: [String] = []
    func add(_ name: String, _ value: String?) {
      // As one word, because a value may begin with a minus.
      if let value { words.append("--\(name)=\(value)") }
    }
    add("images", images)
    for value in input { add("input", value) }
    add("limit", limit.map(String.init))
    for value in skipImage { add("skip-image", value) }
    add("batch-size", batchSize.map(String.init))
    add("npy-order", npyOrder)
    add("preprocess", preprocess)
    add("channel-order", channelOrder)
    add("resize", resize)
    add("resize-shorter", resizeShorter)
    add("crop", crop)
    add("mean", mean)
    add("mean-file", meanFile)
    add("scale", scale)
    return words
  }
}
