import Foundation

/// The images that a project's runs leave out, `left-out-images` in its folder: one path a line.
package enum LeftOutImages {
  private static func file(_ project: ProjectFolder) -> String { project.path + "/left-out-images" }

  /// Empty without the file.
  package static func read(_ project: ProjectFolder) -> [String] {
    guard let data = FileManager.default.contents(atPath: file(project)) else { return [] }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Adds images; those that are there already stay.
  package static func add(_ images: [String], to project: ProjectFolder) throws(QuantError) {
    var all = read(project)
    for image in images where !all.contains(image) { all.append(image) }
    try ProjectStore.write(all.map { $0 + "\n" }.joined(), to: file(project))
  }

  /// From now on all images are used.
  package static func clear(_ project: ProjectFolder) throws(QuantError) {
    guard FileManager.default.fileExists(atPath: file(project)) else { return }
    try attempting(.runFailed) { try FileManager.default.removeItem(atPath: file(project)) }
  }
}
