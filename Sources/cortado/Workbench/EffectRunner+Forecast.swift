import Diagnostics
import Foundation
import QuantEngine
import Quantization
import Synchronization
import Terminal
import WorkbenchUI

/// What a run would cost, measured by a process of its own so that it can be given up at once.
extension EffectRunner {
  func measure(_ config: QuantConfig, _ news: NewsBox<AppNews>) {
    let arguments = ["quantize", files.prototxt] + [files.weights].compactMap(\.self) + flags
    guard let output = forecast.run(arguments + ["--project=\(project.path)"], config) else { return }
    if let found = JSONText.decode(RunForecast.self, output) {
      news.post(.forecast(config, found, []))
    } else {
      let told = JSONText.decode(ForecastJob.Refusal.self, output)?.diagnostics ?? []
      news.post(.forecast(config, nil, told.map { .error($0.text, help: $0.help) }))
    }
  }
}

/// `cortado quantize --dry-run` as a process; the newest question alone is answered.
final class ForecastJob: Sendable {
  /// The one document that `--json` prints of an error.
  struct Refusal: Decodable {
    struct Entry: Decodable {
      let text: String
      let help: [String]
    }
    let diagnostics: [Entry]
  }

  private struct State {
    var ticket = 0
    var pid: pid_t?
  }

  private let state = Mutex(State())

  /// Gives up what is being measured.
  func stop() {
    state.withLock { state in
      state.ticket += 1
      if let pid = state.pid { kill(pid, SIGKILL) }
      state.pid = nil
    }
  }

  /// - Returns: what the process printed; `nil` when it was given up for a newer question.
  func run(_ arguments: [String], _ config: QuantConfig) -> Data? {
    let ticket = state.withLock { state in
      state.ticket += 1
      if let pid = state.pid { kill(pid, SIGKILL) }
      state.pid = nil
      return state.ticket
    }
    // Somebody who presses + five times asks once.
    Thread.sleep(forTimeInterval: 0.15)
    let file = NSTemporaryDirectory() + "cortado-forecast-\(getpid())-\(ticket).json"
    defer { try? FileManager.default.removeItem(atPath: file) }
    guard (try? ProjectStore.save(config, to: file)) != nil else { return Data() }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments + ["--config=\(file)", "--dry-run", "--json", "--quiet"]
    let output = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    let isStarted = state.withLock { state in
      guard state.ticket == ticket, (try? process.run()) != nil else { return false }
      state.pid = process.processIdentifier
      return true
    }
    guard isStarted else { return state.withLock { $0.ticket } == ticket ? Data() : nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    state.withLock { if $0.ticket == ticket { $0.pid = nil } }
    process.waitUntilExit()
    return state.withLock { $0.ticket } == ticket ? data : nil
  }
}
