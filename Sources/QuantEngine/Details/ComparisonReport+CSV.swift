extension ComparisonReport {
  /// `metrics.csv`: one row per layer and output; a cell is empty where there is no such figure.
  package var csv: String {
    func quoted(_ s: String) -> String {
      s.contains(where: { $0 == "," || $0 == "\"" || $0 == "\n" })
        ? "\"" + s.replacing("\"", with: "\"\"") + "\"" : s
    }
    func row(_ words: [String], _ figures: [Double?]) -> String {
      (words + figures.map { $0.map { "\($0)" } ?? "" }).joined(separator: ",")
    }
    var lines = [
      "kind,name,type,state,cosine,cosine_min,sqnr_db,mse,max_abs,slope,rel_l2,mean_bias,zeroed,saturated,local,"
        + "local_min,local_sqnr_db"
    ]
    for l in layers {
      lines.append(
        row(
          ["layer", quoted(l.layer), l.type, l.state],
          [
            l.cosine, l.cosineMin, l.sqnr_db, l.mse, l.max_abs, l.slope, l.rel_l2, l.mean_bias, l.zeroed, l.saturated,
            l.local, l.localMin, l.local_sqnr_db,
          ]))
    }
    for o in outputs {
      lines.append(
        row(
          ["output", quoted(o.blob), "", ""],
          [
            o.cosine, o.cosineMin, o.sqnr_db, o.mse, o.max_abs, o.slope, o.rel_l2, o.mean_bias, o.zeroed, nil, nil, nil,
            nil,
          ]))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
