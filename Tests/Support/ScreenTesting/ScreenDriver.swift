import WorkbenchUI

/// A model without a terminal: events in, requests and screen text out.
package struct ScreenDriver<Model: WorkbenchModel> {
  package private(set) var model: Model
  package private(set) var size: Size
  /// Moves only by `advance`.
  package private(set) var time: Duration = .zero
  /// Everything the model asked for, oldest first.
  package private(set) var requests: [Request<Model.Effect>] = []

  /// `size`: `120x40`.
  package init(_ model: Model, size: String = "80x24") {
    self.model = model
    self.size = Self.parse(size)
    send(.resize(self.size))
  }

  private static func parse(_ text: String) -> Size {
    let parts = text.split(separator: "x").compactMap { Int($0) }
    precondition(parts.count == 2, "a size is written 80x24")
    return Size(columns: parts[0], rows: parts[1])
  }

  package mutating func send(_ event: Event<Model.News>) { requests += model.update(event, at: time) }

  /// Presses keys by their names, separated by spaces: `j j Enter ctrl-r`.
  package mutating func press(_ keys: String) {
    for name in keys.split(separator: " ") {
      guard let key = Key(name: String(name)) else { preconditionFailure("no key is called '\(name)'") }
      send(.key(key))
    }
  }

  package mutating func type(_ text: String) { for letter in text { send(.key(.character(letter))) } }

  package mutating func resize(_ size: String) {
    self.size = Self.parse(size)
    send(.resize(self.size))
  }

  /// Lets time pass; the model gets the ticks it asked for.
  package mutating func advance(by duration: Duration) {
    let end = time + duration
    while let deadline = model.nextDeadline, deadline <= end {
      time = max(time, deadline)
      send(.tick)
      if model.nextDeadline == deadline { break }
    }
    time = end
  }

  package mutating func takeRequests() -> [Request<Model.Effect>] {
    defer { requests = [] }
    return requests
  }

  package var canvas: Canvas { model.view(size, at: time) }
  package var screen: String { canvas.text }

  /// Compares the screen with `Goldens/NAME.screen`.
  package func expect(_ name: String, testFile: String = #filePath) throws {
    try GoldenScreen.check(screen, name, testFile: testFile)
  }
}
