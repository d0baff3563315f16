import Foundation

extension RunReport {
  /// One page that needs nothing else: no script, no font, no picture from outside, which its own policy forbids.
  ///
  /// Headings, captions and column heads are marked as such for screen readers; bars are hidden from them, because the
  /// cosine beside each says the same.
  package var html: String {
    let page = HTMLText()
    page.raw(Self.head(title: title))
    page.raw("<body>\n<main>\n<h1>").text(title)
    if !details.summary.labelLine.isEmpty { page.raw(": ").text(details.summary.labelLine) }
    page.raw("</h1>\n<dl>\n")
    for fact in facts { page.raw("<dt>").text(fact.name).raw("</dt><dd>").text(fact.value).raw("</dd>\n") }
    page.raw("</dl>\n")
    addMessages(page)
    addOutputs(page)
    addLayers(page)
    addFigures(page)
    addStages(page)
    addConfig(page)
    addFiles(page)
    page.raw("</main>\n</body>\n</html>\n")
    return page.string
  }

  // MARK: Sections

  private func addMessages(_ page: HTMLText) {
    if details.messages.isEmpty { return }
    page.raw("<section>\n<h2>Messages</h2>\n<ul>\n")
    for message in details.messages { page.raw("<li><pre>").text(message).raw("</pre></li>\n") }
    page.raw("</ul>\n</section>\n")
  }

  private func addOutputs(_ page: HTMLText) {
    guard let comparison, !comparison.outputs.isEmpty else { return }
    page.raw("<section>\n<h2>Outputs</h2>\n")
    page.table(
      caption: "Similarity of the net's outputs, original against fake-quant: chain error (all layers quantized)",
      head: [.init("Output"), .init("Cosine", number: true), .bar, .init("Least", number: true)]
        + Self.metricHeads)
    for o in comparison.outputs {
      page.raw("<tr>").rowHead(o.blob).number(ReportText.fixed(o.cosine, 5)).bar(o.cosine)
      page.number(ReportText.fixed(o.cosineMin, 5))
      page.metrics(sqnr: o.sqnr_db, mse: o.mse, maxAbs: o.max_abs, slope: o.slope).raw("</tr>\n")
    }
    page.raw("</tbody>\n</table>\n</section>\n")
  }

  private static let metricHeads: [HTMLText.Head] = ["SQNR dB", "MSE", "Max |err|", "Slope"].map {
    .init($0, number: true)
  }

  private func addLayers(_ page: HTMLText) {
    if rows.isEmpty { return }
    page.raw("<section>\n<h2>Layers</h2>\n")
    let numbers = ["Bits", "Scale", "Offset", "Weight bits", "Weight scale", "Cosine"]
    page.table(
      caption: "Every layer in network order: factors, and similarity of its output (bars count nines of the cosine; "
        + "the line marks \(RunFigures.threshold))",
      head: [.init("Layer"), .init("Type"), .init("State")] + numbers.map { .init($0, number: true) } + [.bar]
        + [.init("Least", number: true)] + Self.metricHeads)
    for row in rows {
      let l = row.layer
      page.raw("<tr>").rowHead(l.layer).cell(l.type).cell(l.fusedInto.map { "fused into \($0)" } ?? l.state)
      page.number(l.num_bits_d.map(String.init).joined(separator: ", "))
      page.number(l.scale_d.map { ReportText.short(Double($0)) }.joined(separator: ", "))
      page.number(l.offset_d.map(String.init).joined(separator: ", "))
      page.number(l.num_bits_w.map(String.init) ?? "").number(l.weightScaleText)
      guard let m = row.metric else {
        page.raw("<td></td><td></td><td></td><td></td><td></td><td></td><td></td></tr>\n")
        continue
      }
      page.number(ReportText.fixed(m.cosine, 5), isBad: !(m.cosine >= RunFigures.threshold)).bar(m.cosine)
      page.number(ReportText.fixed(m.cosineMin, 5))
      page.metrics(sqnr: m.sqnr_db, mse: m.mse, maxAbs: m.max_abs, slope: m.slope).raw("</tr>\n")
    }
    page.raw("</tbody>\n</table>\n</section>\n")
  }

  private func addFigures(_ page: HTMLText) {
    let shown = rows.filter { figures[$0.layer.layer]?.isEmpty == false }
    if shown.isEmpty { return }
    page.raw("<section>\n<h2>Figures</h2>\n")
    for row in shown {
      page.raw("<h3>").text(row.layer.layer).raw("</h3>\n")
      for figure in figures[row.layer.layer] ?? [] {
        page.raw("<figure>\n\(figure.svg)\n<figcaption>").text(figure.caption).raw("</figcaption>\n</figure>\n")
      }
    }
    page.raw("</section>\n")
  }

  private func addStages(_ page: HTMLText) {
    if details.stages.isEmpty { return }
    page.raw("<section>\n<h2>Time</h2>\n")
    page.table(caption: "Seconds of each stage", head: [.init("Stage"), .init("Seconds", number: true)])
    for stage in details.stages {
      page.raw("<tr>").rowHead(stage.stage).number(ReportText.fixed(stage.seconds, 3)).raw("</tr>\n")
    }
    page.raw("</tbody>\n</table>\n</section>\n")
  }

  private func addConfig(_ page: HTMLText) {
    if details.configChanges == nil, config == nil { return }
    page.raw("<section>\n<h2>Configuration</h2>\n")
    if let changes = details.configChanges, let parent = details.summary.parent {
      page.raw("<p>").text(
        changes.isEmpty ? "The same as in run \(Int(parent) ?? 0)." : "Different from run \(Int(parent) ?? 0):")
      page.raw("</p>\n")
      if !changes.isEmpty {
        page.table(caption: "Changed settings", head: [.init("Setting"), .init("Before"), .init("Now")])
        for c in changes {
          page.raw("<tr>").rowHead(c.path).cell(c.old ?? "-").cell(c.new ?? "-").raw("</tr>\n")
        }
        page.raw("</tbody>\n</table>\n")
      }
    }
    if let config {
      page.raw("<details>\n<summary>config.json</summary>\n<pre>").text(config).raw("</pre>\n</details>\n")
    }
    page.raw("</section>\n")
  }

  private func addFiles(_ page: HTMLText) {
    if details.files.isEmpty { return }
    page.raw("<section>\n<h2>Files</h2>\n")
    page.table(
      caption: "What the run wrote, as it was when this page was made",
      head: [.init("File"), .init("Bytes", number: true), .init("SHA-256")])
    for file in details.files {
      page.raw("<tr>").rowHead(file.path).number(file.bytes.map(String.init) ?? "-")
      page.raw("<td class=\"hash\">").text(file.sha256 ?? "not there any more").raw("</td></tr>\n")
    }
    page.raw("</tbody>\n</table>\n</section>\n")
  }
}

extension QuantizeResult.Layer {
  /// The scale, or least and greatest of one per channel.
  var weightScaleText: String {
    guard let least = scale_w.min(), let most = scale_w.max() else { return "" }
    if num_bits_w == nil { return "" }
    let (a, b) = (ReportText.short(Double(least)), ReportText.short(Double(most)))
    return scale_w.count == 1 ? a : "\(a) .. \(b) (\(scale_w.count))"
  }
}
