import Foundation
import Testing

@testable import QuantEngine

@Suite struct `A report` {
  private let made: MadeUpProject

  init() throws {
    made = try MadeUpProject()
    let layers = [("<b>&\\\"'|`", "quantized"), ("plain", "float")].map {
      MadeUpProject.layer($0.0, "Convolution", $0.1)
    }
    let comparison = MadeUpProject.comparison([("<b>&\\\"'|`", "0.9"), ("plain", "0.999")], output: "0.5")
    try made.write(
      "runs/0001/run.json", MadeUpProject.oldRun(layers.joined(separator: ","), comparison: comparison))
    try made.write("runs/0001/config.json", MadeUpProject.config(bits: 8))
    _ = try made.store.rename("1", to: "a <script>alert(1)</script>\n\u{1}end")
  }

  private func report() throws -> RunReport { try RunReport(made.project.run(1)) }

  /// -log10(1 - 0.9) = 1, -log10(0.001) = 3; each nine is 30 wide.
  @Test func `draws bars by nines`() throws {
    #expect(NinesScale.nines(0.9) == 1 && abs(NinesScale.nines(0.999) - 3) < 1e-9)
    #expect(NinesScale.nines(0) == 0 && NinesScale.nines(-0.5) == 0 && NinesScale.nines(.nan) == 0)
    #expect(NinesScale.nines(1) == 5 && NinesScale.nines(1 + 1e-12) == 5 && NinesScale.nines(1 - 1e-12) == 5)
    let html = try report().html
    #expect(html.contains("<rect class=\"low\" width=\"30.0\""))
    #expect(html.contains("<rect class=\"good\" width=\"90.0\""))
  }

  @Test func `escapes whatever a person or a file says`() throws {
    let html = try report().html
    #expect(!html.contains("<script") && !html.contains("<b>"))
    #expect(html.contains("a &lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(html.contains("&lt;b&gt;&amp;&quot;&#39;|`"))
    #expect(HTMLText.escaped("a\u{1}\u{85}\u{7f}\n") == "a\u{fffd}\u{fffd}\u{fffd}\n")
    let markdown = try report().markdown
    #expect(markdown.contains("a \\<script\\>alert(1)\\</script\\>"))
    // A cell's end inside a name is escaped, backticks get longer fences.
    #expect(markdown.contains("| `` <b>&\"'\\|` `` |"))
  }

  @Test func `loads nothing from anywhere`() throws {
    let html = try report().html
    for word in ["http", "src=", "href=", "url(", "@import", "<link", "<img"] where word != "http" {
      #expect(!html.contains(word), "\(word)")
    }
    #expect(!html.contains("http:") && !html.contains("https:"))
    #expect(html.contains("default-src 'none'") && html.contains("prefers-color-scheme: dark"))
  }

  @Test func `shows figures of layers in network order`() throws {
    var report = try report()
    #expect(!report.html.contains("<figure>"))
    report.figures = [
      "plain": [SVGFigure(svg: "<svg id=\"two\"></svg>", caption: "after")],
      "<b>&\"'|`": [SVGFigure(svg: "<svg id=\"one\"></svg>", caption: "x < y")],
      "unknown": [SVGFigure(svg: "<svg id=\"none\"></svg>", caption: "")],
    ]
    let html = report.html
    let (one, two) = (try #require(html.range(of: "id=\"one\"")), try #require(html.range(of: "id=\"two\"")))
    #expect(one.lowerBound < two.lowerBound && html.contains("<figcaption>x &lt; y</figcaption>"))
    #expect(!html.contains("id=\"none\""))
  }

  @Test func `as CSV is the metrics file`() throws {
    let lines = try report().csv().split(separator: "\n")
    #expect(
      lines[0]
        == "kind,name,type,state,cosine,cosine_min,sqnr_db,mse,max_abs,slope,rel_l2,mean_bias,zeroed,saturated,local,"
        + "local_min,local_sqnr_db")
    // The made-up run has no figures of the later columns.
    #expect(lines[1] == "layer,\"<b>&\"\"'|`\",Convolution,quantized,0.9,0.9,20.0,0.01,0.5,1.0,,,,,,,")
    #expect(lines.count == 4 && lines[3].hasPrefix("output,prob,,,0.5"))
  }

  @Test func `of a run that failed tells why; of no run is refused`() throws {
    try made.write(
      "runs/0002/events.jsonl",
      "{\"kind\":\"error\",\"time\":1,\"text\":\"error: a < b\"}\n{\"kind\":\"finished\",\"time\":2,\"status\":4}\n")
    let failed = try RunReport(made.project.run(2))
    #expect(failed.html.contains("error: a &lt; b") && failed.html.contains("failed 4"))
    let none = #expect(throws: QuantError.self) { try failed.csv() }
    #expect(none?.status == .badInput)
    #expect(throws: QuantError.self) { try RunReport(RunFolder(path: made.path)) }
  }

  @Test func `writes times and sizes for people`() {
    #expect(ReportText.duration(0.44) == "0.4 s" && ReportText.duration(59.4) == "59 s")
    #expect(ReportText.duration(190) == "3:10" && ReportText.duration(3723) == "1:02:03")
    #expect(ReportText.duration(.nan) == "-")
    #expect(ReportText.bytes(1023) == "1023 B" && ReportText.bytes(1536) == "1.5 KiB")
  }
}
