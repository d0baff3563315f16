extension RunReport {
  /// The page up to its body. The policy lets nothing be loaded from anywhere.
  static func head(title: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="generator" content="Cortado \(ProductVersion.text)">
    <title>\(HTMLText.escaped(title))</title>
    <style>
    \(style)
    </style>
    </head>

    """
  }

  /// Blue against orange, as in the workbench: apart for every colour vision, at least 4.5:1 on both grounds. Low bars
  /// are hatched by a dashed outline as well, for paper without colour.
  private static let style = """
    :root { --ink: #1d1d1d; --ground: #ffffff; --faint: #595959; --line: #c8c8c8; --rest: #e4e4e4; --good: #005aa0;
      --low: #a34700; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e0e0e0; --ground: #1c1c1c; --faint: #a8a8a8; --line: #4a4a4a; --rest: #333333; --good: #56b4e9;
        --low: #ff9a3c; }
    }
    body { color: var(--ink); background: var(--ground); font: 15px/1.5 system-ui, sans-serif; margin: 0; }
    main { margin: 0 auto; max-width: 90rem; padding: 1rem 1.5rem 3rem; overflow-x: auto; }
    h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; } h3 { font-size: 1rem; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.2rem; }
    dt { color: var(--faint); } dd { margin: 0; }
    table { border-collapse: collapse; font-size: .87rem; }
    caption { text-align: left; color: var(--faint); padding-bottom: .4rem; }
    th, td { text-align: left; padding: .12rem .6rem .12rem 0; border-bottom: 1px solid var(--line);
      vertical-align: baseline; font-weight: normal; overflow-wrap: anywhere; }
    thead th { font-weight: 600; overflow-wrap: normal; }
    .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .bad { color: var(--low); font-weight: 700; }
    .hash { font-family: ui-monospace, monospace; font-size: .8rem; }
    pre { font-family: ui-monospace, monospace; font-size: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
    svg text { font: 10px system-ui, sans-serif; fill: var(--faint); }
    .rest { fill: var(--rest); } .good { fill: var(--good); }
    .low { fill: var(--low); stroke: var(--ink); stroke-dasharray: 2 2; } .tick { stroke: var(--ink); }
    figure { margin: 0 0 1.5rem; } figcaption { color: var(--faint); }
    @media print {
      @page { size: A4 landscape; margin: 12mm; }
      :root { --ink: #000000; --ground: #ffffff; --faint: #404040; --line: #a0a0a0; --rest: #e4e4e4; --good: #005aa0;
        --low: #a34700; }
      body { font-size: 9pt; } main { max-width: none; padding: 0; overflow: visible; }
      thead { display: table-header-group; } tr, figure { break-inside: avoid; } h2 { break-after: avoid; }
      svg rect, svg line { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }
    """
}
