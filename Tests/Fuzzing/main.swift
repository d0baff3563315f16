import Foundation
import Glibc

guard let arguments = Arguments(Array(CommandLine.arguments.dropFirst())) else {
  print(Arguments.usage)
  exit(64)
}
do {
  if let path = arguments.replay {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let read = try arguments.formats[0].reader()
    do {
      print(try read(bytes, 0) ? "accepted" : "not accepted")
    } catch {
      print("refused: \(error)")
    }
  } else if let worker = arguments.worker {
    try Worker(arguments, from: worker.from, note: worker.note).run()
  } else {
    var bad = 0
    for format in arguments.formats { bad += try Supervisor(format, arguments).run() }
    exit(bad == 0 ? 0 : 1)
  }
} catch {
  print("cortado-fuzz: \(error)")
  exit(3)
}
