import Diagnostics
import Foundation
import Glibc

/// Where a worker has got to, in a file that outlives it.
struct Progress {
  var next = 0
  var accepted = 0
  var refused = 0

  static func read(_ path: String) -> Progress? {
    guard let data = FileManager.default.contents(atPath: path), data.count == MemoryLayout<Progress>.size else {
      return nil
    }
    return data.withUnsafeBytes { $0.loadUnaligned(as: Progress.self) }
  }
}

/// Reads made inputs one after the other in a process that may end at any of them.
struct Worker {
  private let format: FuzzFormat
  private let arguments: Arguments
  private let from: Int
  private let progress: UnsafeMutablePointer<Progress>

  init(_ arguments: Arguments, from: Int, note: String) throws {
    format = arguments.formats[0]
    self.arguments = arguments
    self.from = from
    let descriptor = open(note, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, off_t(MemoryLayout<Progress>.size)) == 0,
      let map = mmap(nil, MemoryLayout<Progress>.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
      map != MAP_FAILED
    else { throw POSIXError(.EIO) }
    close(descriptor)
    progress = map.assumingMemoryBound(to: Progress.self)
  }

  func run() throws {
    // An allocation that only a lie about sizes can want ends here and not in the machine's swap.
    var most = rlimit(rlim_cur: 6 << 30, rlim_max: 6 << 30)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &most)
    // Whoever starts the harness may have signals blocked, as test processes do for their children.
    var none = sigset_t()
    sigemptyset(&none)
    sigprocmask(SIG_SETMASK, &none, nil)
    signal(SIGALRM, SIG_DFL)
    let mutator = Mutator(
      seeds: try format.seeds(), dictionary: try format.dictionary().map { Array($0.utf8) })
    let read = try format.reader()
    progress.pointee = Progress(next: from)
    for index in from..<arguments.inputs {
      progress.pointee.next = index
      let input = mutator.input(index, seed: arguments.seed)
      alarm(arguments.timeout)
      do throws(DiagnosticError) {
        if try read(input, index) { progress.pointee.accepted += 1 } else { progress.pointee.refused += 1 }
      } catch {
        progress.pointee.refused += 1
      }
    }
    alarm(0)
    progress.pointee.next = arguments.inputs
  }
}
