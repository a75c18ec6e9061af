/// The page that `HistoryPage` fills.
enum HistoryPageText {
  /// With places for the title, the sentence and the data.
  static let page = #"""
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><title>{{title}}</title>
    <style>
      body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1f24; }
      p { max-width: 70rem; }
      .view { overflow: auto; border: 1px solid #d0d7de; max-height: 75vh; }
      svg text { font: 11px ui-monospace, monospace; }
      .lane { fill: #57606a; } .grid { stroke: #eaeef2; }
      .ok { fill: #c8e1ff; } .unknown { fill: #eee; } .fail { fill: #f6f8fa; }
      .marked { fill: #ffd8a8; } .stuck { fill: #ff8182; }
      rect { stroke: #8c959f; } .unknown { stroke-dasharray: 3 2; }
      .fault { fill: #8250df; fill-opacity: .25; stroke: none; }
      .explained { fill: #2da44e; fill-opacity: .06; stroke: none; }
      .legend span { padding: 0 .5em; margin-right: 1em; border: 1px solid #8c959f; }
      @media (prefers-color-scheme: dark) {
        body { background: #0d1117; color: #e6edf3; } svg text { fill: #1b1f24; }
        .lane { fill: #9da7b1 !important; }
      }
    </style></head><body>
    <h1>{{title}}</h1>
    <p>{{sentence}}</p>
    <p class="legend">
      <span style="background:#c8e1ff">known result</span>
      <span style="background:#eee">unknown outcome</span>
      <span style="background:#ffd8a8">part of the contradiction</span>
      <span style="background:#ff8182">here the explanation ends</span>
      <label>zoom <input id="zoom" type="range" min="1" max="60" value="5"></label>
      <span id="left" style="border:none"></span>
    </p>
    <div class="view" id="view" tabindex="0"></div>
    <p id="more" aria-live="polite">Point at a bar to see what it is.</p>
    <script id="data" type="application/json">{{data}}</script>
    <script>
      "use strict";
      const data = JSON.parse(document.getElementById("data").textContent);
      const view = document.getElementById("view"), zoom = document.getElementById("zoom");
      const starts = data.bars.map(bar => bar.start), laneHeight = 24, left = 90;
      const first = Math.min(...starts);
      const last = Math.max(...data.bars.map(bar => bar.end ?? bar.start)) + 2;
      const space = "http://www.w3.org/2000/svg";
      if (data.left_out > 0)
        document.getElementById("left").textContent = data.left_out + " operations are not drawn";
      function add(parent, name, attributes, text) {
        const element = document.createElementNS(space, name);
        for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
        if (text !== undefined) element.textContent = text;
        return parent.appendChild(element);
      }
      function draw() {
        const scale = Number(zoom.value), x = instant => left + (instant - first) * scale;
        const height = data.lanes.length * laneHeight + 20;
        view.replaceChildren();
        const svg = add(view, "svg", { width: x(last) + 20, height: height });
        if (data.explained !== null)
          add(svg, "rect", { class: "explained", x: left, y: 0, height: height,
            width: Math.max(0, x(data.explained) - left) });
        data.lanes.forEach((lane, row) => {
          const y = row * laneHeight;
          add(svg, "line", { class: "grid", x1: 0, x2: x(last), y1: y + laneHeight,
            y2: y + laneHeight });
          add(svg, "text", { class: "lane", x: 4, y: y + 16 }, lane);
        });
        for (const fault of data.faults) {
          const mark = add(svg, "rect", { class: "fault", x: x(fault.at), y: 0, height: height,
            width: Math.max(2, scale) });
          add(mark, "title", {}, fault.text);
        }
        for (const bar of data.bars) {
          const end = bar.end ?? last, width = Math.max(3, x(end) - x(bar.start));
          const group = add(svg, "g", {});
          add(group, "rect", { class: bar.state, x: x(bar.start), y: bar.lane * laneHeight + 3,
            width: width, height: laneHeight - 6, rx: 3 });
          const room = Math.floor((width - 6) / 6.7);
          if (room > 0)
            add(group, "text", { x: x(bar.start) + 3, y: bar.lane * laneHeight + 16 },
              bar.text.length > room ? bar.text.slice(0, Math.max(0, room - 1)) + "…" : bar.text);
          add(group, "title", {}, bar.more);
          group.addEventListener("pointerenter",
            () => { document.getElementById("more").textContent = bar.more; });
        }
      }
      zoom.addEventListener("input", draw);
      draw();
      const stuck = data.bars.find(bar => bar.state === "stuck") ??
        data.bars.find(bar => bar.state === "marked");
      if (stuck) view.scrollLeft = (stuck.start - first) * Number(zoom.value) - 200;
    </script></body></html>
    """#
}
