import Glibc

/// Whether two paths lead to one file, whatever links are in between.
enum SameFile {
  /// False when one of them does not exist.
  static func are(_ a: String, _ b: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard unsafe stat(a, &first) == 0, unsafe stat(b, &second) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }
}
