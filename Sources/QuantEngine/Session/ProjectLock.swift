import Foundation
import Glibc

/// The lock of a project, `lock` in its folder: who has it may edit, save and run; others look on.
///
/// The system takes it away when the process ends, however it ends. The file stays; what stands in it only says who.
package final class ProjectLock: Sendable {
  /// Who has the lock.
  package struct Holder: Sendable, Hashable {
    package let pid: Int32
    package let host: String

    package init(pid: Int32, host: String) {
      self.pid = pid
      self.host = host
    }

    /// Reads `PID HOST`; `nil` for anything else.
    init?(note: String) {
      let words = note.split(whereSeparator: \.isWhitespace)
      guard words.count == 2, let pid = Int32(words[0]), pid > 0 else { return nil }
      self.init(pid: pid, host: String(words[1]).oneLine)
    }

    fileprivate var note: String { "\(pid) \(host)\n" }
  }

  package enum Outcome: Sendable {
    case mine(ProjectLock)
    /// `nil`: somebody who has not written down yet who it is.
    case taken(Holder?)
    /// The folder or its file system does not allow it; the reason.
    case impossible(String)
  }

  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Takes the lock, or says who has it; never waits.
  package static func take(_ project: ProjectFolder) -> Outcome {
    try? FileManager.default.createDirectory(
      atPath: project.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    // Not handed on to the runs that are started: they outlive the workbench.
    let descriptor = unsafe open(project.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { return .impossible("\(project.lock): \(reason())") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      if code == EWOULDBLOCK { return .taken(holder(project)) }
      errno = code
      return .impossible("\(project.lock): \(reason())")
    }
    let note = Array(Holder(pid: getpid(), host: hostName).note.utf8)
    _ = ftruncate(descriptor, 0)
    _ = unsafe note.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    return .mine(ProjectLock(descriptor: descriptor))
  }

  private static func holder(_ project: ProjectFolder) -> Holder? {
    FileManager.default.contents(atPath: project.lock).flatMap { Holder(note: String(decoding: $0, as: UTF8.self)) }
  }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard unsafe gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.isEmpty ? "localhost" : text
  }

  private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}

extension ProjectFolder {
  var lock: String { path + "/lock" }
}
