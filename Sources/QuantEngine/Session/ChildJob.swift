import Foundation

/// A verb of this program, run as a process of its own: it goes on when the one that started it ends.
package final class ChildJob: Sendable {
  /// `POSIX_SPAWN_SETSID` of glibc 2.26, which its headers show to GNU programs only.
  private static let ownSession: Int16 = 0x80

  package let pid: pid_t
  /// False for a process that an earlier session left running.
  package let isOwn: Bool
  /// `nil` for a child that had ended before it could be looked at.
  private let process: RunProcess?

  /// Starts this executable in a session of its own, without input, its output appended to a file.
  ///
  /// A session of its own: neither Ctrl-C nor the end of the terminal reaches it.
  package init(arguments: [String], output: String) throws(QuantError) {
    let words = ["cortado"] + arguments
    var fileActions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&fileActions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&fileActions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    unsafe posix_spawn_file_actions_addopen(&fileActions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&fileActions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o640)
    unsafe posix_spawn_file_actions_adddup2(&fileActions, 1, 2)
    // Signals that the screen handles or holds back are as usual in the child.
    var (none, all) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    let flags = Self.ownSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
    unsafe posix_spawnattr_setflags(&attributes, flags)
    var argv: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe argv.forEach { unsafe free($0) } }
    var child: pid_t = 0
    let code = unsafe posix_spawn(&child, "/proc/self/exe", &fileActions, &attributes, &argv, environ)
    guard code == 0 else {
      throw QuantError(.runFailed, "cannot start the run: \(unsafe String(cString: strerror(code)))")
    }
    pid = child
    process = RunProcess(pid: child)
    isOwn = true
  }

  /// The process that works on a run's folder, as an earlier session noted it; `nil` when there is none any more.
  package init?(of run: RunFolder) {
    guard let process = RunProcess(of: run) else { return nil }
    pid = process.pid
    self.process = process
    isOwn = false
  }

  /// Notes the process beside its run, for sessions to come.
  package func note(for run: RunFolder) { process?.note(for: run) }

  /// Asks the process to end as Ctrl-C would.
  package func cancel() { process?.cancel() }

  package func setPaused(_ paused: Bool) { paused ? process?.pause() : process?.resume() }

  package var isPaused: Bool { process?.state == .paused }
  package var residentBytes: Int { process?.residentBytes ?? 0 }

  /// The exit status once the process has ended, 128 + signal after a signal; `nil` while it runs.
  ///
  /// The status of a process that is not our own is not known: then it is that of a failed run.
  package func ended() -> Int32? {
    guard isOwn else { return process?.state == nil ? ExitStatus.runFailed.rawValue : nil }
    var status: Int32 = 0
    let result = unsafe waitpid(pid, &status, WNOHANG)
    if result == 0 { return nil }
    // Not our child any more: whatever it was, it has ended.
    guard result == pid else { return ExitStatus.runFailed.rawValue }
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
  }
}
