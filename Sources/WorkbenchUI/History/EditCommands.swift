import Quantization

/// The edits that lead to a state as commands for a shell: the same config without the workbench.
struct EditCommands {
  /// How many commands there are; comments aside.
  private(set) var count = 0
  /// One line a command, and before those of an edit its label as a comment.
  private(set) var text = ""

  init(of history: UndoHistory<EditedConfig>, to id: Int, file: String) {
    var before = history.base
    let target = ShellWord.quoted(file)
    for step in history.path(to: id) where step > 0 {
      guard let after = history.document(at: step) else { continue }
      // A label is one line: a comment must not end before it does.
      text += "# \(history.entries[step - 1].label.oneLine)\n"
      for change in QuantConfig.diff(before.config, after.config) {
        text += "cortado config set \(Self.words(change)) --config \(target)\n"
        count += 1
      }
      before = after
    }
  }

  /// `conv1 activation_quant_params.num_bits=12`; for a parameter of the whole net `batch_num=4`.
  private static func words(_ change: ConfigChange) -> String {
    let setting = "\(change.path)=\(change.new?.text ?? inheritWord)"
    guard let layer = change.path.layer else { return ShellWord.quoted(setting) }
    return "\(ShellWord.quoted(layer)) \(ShellWord.quoted(String(setting.dropFirst(layer.count + 1))))"
  }
}
