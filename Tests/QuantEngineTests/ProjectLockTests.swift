import Foundation
import Testing

@testable import QuantEngine

@Suite struct `The lock of a project` {
  private let made: MadeUpProject

  init() throws { made = try MadeUpProject() }

  private func isMine(_ outcome: ProjectLock.Outcome) -> Bool { if case .mine = outcome { true } else { false } }

  @Test func `is had by one, and says by whom`() throws {
    guard case .mine(let lock) = ProjectLock.take(made.project) else {
      Issue.record("the lock is free and was not given")
      return
    }
    // The system counts each opening of the file as another holder, so one process can play both.
    guard case .taken(let holder) = ProjectLock.take(made.project) else {
      Issue.record("the lock was given twice")
      return
    }
    #expect(holder?.pid == getpid())
    let host = try String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8)
    #expect(holder?.host == host.trimmingCharacters(in: .whitespacesAndNewlines))
    withExtendedLifetime(lock) {}
  }

  @Test func `is free again when its holder is gone`() throws {
    do { #expect(isMine(ProjectLock.take(made.project))) }
    #expect(isMine(ProjectLock.take(made.project)))
  }

  @Test func `is not handed to a process that was started`() throws {
    let taken = ProjectLock.take(made.project)
    #expect(isMine(taken))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "ls -l /proc/self/fd"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(!text.contains(".cortado/lock"))
    withExtendedLifetime(taken) {}
  }

  @Test(arguments: ["", "x", "-4 host", "12", "12 a b", "0 host"]) func `with a damaged note names nobody`(
    _ note: String
  ) {
    #expect(ProjectLock.Holder(note: note) == nil)
  }

  @Test func `cannot be taken in a place that is no folder`() throws {
    guard case .impossible(let reason) = ProjectLock.take(ProjectFolder(path: "/proc/none")) else {
      Issue.record("taken")
      return
    }
    #expect(reason.contains("/proc/none/lock"))
  }
}
