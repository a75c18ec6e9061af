/// The page that `HistoryPage` fills.
enum HistoryPageText {
  /// With places for the title, the explanation and the data.
  static let page = #"""
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><title>{{title}}</title>
    <style>
      body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem 2rem; color: #1b1f24;
        background: #fff; }
      h1 { font-size: 1.4rem; } p { max-width: 72rem; margin: .4rem 0; }
      .view { overflow: auto; border: 1px solid #d0d7de; max-height: 70vh; margin-top: 1rem; }
      svg text { font: 12px ui-monospace, monospace; fill: #1b1f24; pointer-events: none; }
      svg .lane { fill: #57606a; } svg .fault-name { fill: #6639ba; } svg .stop { fill: #a40e26; }
      .grid { stroke: #eaeef2; } rect { stroke: #8c959f; }
      .ok { fill: #ddf4ff; } .unknown { fill: #f6f8fa; stroke-dasharray: 4 3; }
      .fail { fill: #eaeef2; } .writer { fill: #c8e8c5; }
      .marked { fill: #ffd8a8; stroke: #953800; stroke-width: 1.5; }
      .stuck { fill: #ff8182; stroke: #82071e; stroke-width: 2; }
      .fault { fill: #8250df; fill-opacity: .13; stroke: none; }
      .moment { fill-opacity: .6; }
      .explained { fill: #2da44e; fill-opacity: .07; stroke: none; }
      .end { stroke: #a40e26; stroke-width: 1.5; stroke-dasharray: 6 3; }
      .legend span { padding: .1em .6em; margin-right: .8em; border: 1px solid #8c959f;
        white-space: nowrap; }
      .legend { line-height: 2; } #more { font-family: ui-monospace, monospace; }
    </style></head><body>
    <h1>{{title}}</h1>
    {{explanation}}
    <p class="legend">
      <span class="key" style="background:#ff8182">here the explanation ends</span>
      <span class="key" style="background:#ffd8a8">contradict it: none can be left out</span>
      <span class="key" style="background:#c8e8c5">wrote what was found</span>
      <span style="background:#ddf4ff">known result</span>
      <span style="background:#f6f8fa;border-style:dashed">unknown outcome</span>
      <span class="key" style="background:#eef9f0">has an order</span>
      <span style="background:#ede5fb">fault</span>
      <label>zoom <input id="zoom" type="range" min="1" max="120"></label>
    </p>
    <div class="view" id="view" tabindex="0"></div>
    <p id="more" aria-live="polite">Point at a bar to see what it is and where it stands.</p>
    <p id="left"></p>
    <script id="data" type="application/json">{{data}}</script>
    <script>
      "use strict";
      const data = JSON.parse(document.getElementById("data").textContent);
      const view = document.getElementById("view"), zoom = document.getElementById("zoom");
      const laneHeight = 28, left = 110, head = 20, space = "http://www.w3.org/2000/svg";
      const last = data.width + 1, near = data.concerned;
      if (data.explained === null)
        for (const key of document.querySelectorAll(".key")) key.remove();
      document.getElementById("left").textContent = data.left_out > 0
        ? data.left_out + " operations further away are not drawn." : "";
      // What is to be seen fits at first.
      const lowest = near.length ? Math.min(...near) : 0;
      const highest = near.length ? data.explained ?? Math.max(...near) : data.width;
      const room = Math.max(300, view.clientWidth - left - 60);
      zoom.value = Math.max(4, Math.min(90, room / Math.max(8, highest - lowest + 9)));
      function add(parent, name, attributes, text) {
        const element = document.createElementNS(space, name);
        for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
        if (text !== undefined) element.textContent = text;
        return parent.appendChild(element);
      }
      function fit(text, width) {
        const letters = Math.floor((width - 6) / 7.3);
        return text.length <= letters ? text : letters < 2 ? "" : text.slice(0, letters - 1) + "…";
      }
      function draw() {
        const scale = Number(zoom.value), x = place => left + place * scale;
        const height = head + data.lanes.length * laneHeight + 6;
        view.replaceChildren();
        const svg = add(view, "svg", { width: x(last) + 20, height: height });
        if (data.explained !== null) {
          const end = x(data.explained);
          add(svg, "rect", { class: "explained", x: left, y: 0, height: height,
            width: Math.max(0, end - left) });
          add(svg, "line", { class: "end", x1: end, x2: end, y1: 0, y2: height });
          add(svg, "text", { class: "stop", x: end + 5, y: 14 }, "no order from here on");
        }
        for (const fault of data.faults) {
          const to = Math.min(last, fault.to), width = Math.max(3, x(to) - x(fault.from));
          const moment = fault.to === fault.from ? " moment" : "";
          const mark = add(svg, "rect", { class: "fault" + moment, x: x(fault.from), y: 0,
            height: height, width: width });
          add(mark, "title", {}, fault.text);
          add(svg, "text", { class: "fault-name", x: x(fault.from) + 4, y: 14 },
            fit(fault.text, Math.max(width, 90)));
        }
        data.lanes.forEach((lane, row) => {
          const y = head + row * laneHeight;
          add(svg, "line", { class: "grid", x1: 0, x2: x(last), y1: y + laneHeight,
            y2: y + laneHeight });
        });
        for (const bar of data.bars) {
          const width = Math.max(3, (bar.end === null ? x(last) : x(bar.end)) - x(bar.start) - 2);
          const y = head + bar.lane * laneHeight, group = add(svg, "g", {});
          add(group, "rect", { class: bar.state, x: x(bar.start), y: y + 3, width: width,
            height: laneHeight - 6, rx: 3 });
          add(group, "text", { x: x(bar.start) + 4, y: y + 18 }, fit(bar.text, width));
          add(group, "title", {}, bar.more);
          group.addEventListener("pointerenter",
            () => { document.getElementById("more").textContent = bar.more; });
        }
        // The names stay in sight when the picture is moved.
        const names = add(svg, "g", {});
        add(names, "rect", { x: 0, y: 0, width: left - 6, height: height, fill: "#fff",
          stroke: "none" });
        data.lanes.forEach((lane, row) => add(names, "text", { class: "lane", x: 6,
          y: head + row * laneHeight + 18 }, fit("client " + lane, left - 8)));
        const follow = () => names.setAttribute("transform", `translate(${view.scrollLeft},0)`);
        view.onscroll = follow;
        follow();
      }
      zoom.addEventListener("input", () => {
        const middle = (view.scrollLeft + room / 2) / view.scrollWidth;
        draw();
        view.scrollLeft = middle * view.scrollWidth - room / 2;
      });
      draw();
      view.scrollLeft = Math.max(0, (lowest - 2) * Number(zoom.value));
    </script></body></html>
    """#
}
