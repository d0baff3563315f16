import QuantEngine

/// A file that was written, to tell it from others of its name.
package struct WrittenFile: Codable, Sendable, Hashable {
  package let path: String
  package let bytes: Int
  /// 64 digits.
  package let sha256: String

  package init(path: String, bytes: Int, sha256: String) {
    self.path = path
    self.bytes = bytes
    self.sha256 = sha256
  }
}

/// The models of a run were written: each file with its size and SHA-256.
struct WrittenSheet: QuestionSheet {
  enum Answer: Sendable { case copy }

  let question: ChoiceSheet<Answer>
  private let report: String

  init(run: Int, files: [WrittenFile]) {
    let folder = files.first?.path.split(separator: "/", omittingEmptySubsequences: false).dropLast() ?? []
    let sizes = files.map { Digits.bytes($0.bytes) }
    let width = sizes.map(\.count).max() ?? 0
    var lines = [
      Span(
        folder.isEmpty ? "in this folder" : Words("in", as: "in folder") + " \(folder.joined(separator: "/"))", .textDim
      )
    ]
    for (file, size) in zip(files, sizes) {
      let name = file.path.split(separator: "/").last.map(String.init) ?? file.path
      lines.append(Span("\(TextClip.fit(size, to: width, alignment: .trailing))  \(file.sha256.prefix(12))  \(name)"))
    }
    lines.append(Span("size, first digits of the SHA-256, name; y copies the digests whole", .textDim))
    question = ChoiceSheet(
      title: "\(Digits.plural(files.count, "file")) of run \(run) written", lines: lines,
      choices: [.init(.character("y"), "copy", .copy)], stay: "close")
    report = files.map { "\($0.sha256)  \($0.path)\n" }.joined()
  }

  func take(_ answer: Answer, _ session: inout Session, at time: Duration) -> SheetOutcome {
    session.say(.info, "copied: names and digests, as sha256sum checks them", at: time)
    return .done([.copy(report)])
  }
}
