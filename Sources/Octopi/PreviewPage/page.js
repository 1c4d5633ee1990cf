"use strict";
(() => {
  // Everything that comes from a project is data: set by textContent and attributes only.
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const data = read("data");
  const main = document.getElementById("view");
  const live = document.getElementById("live");
  const planes = new Map();
  const svgName = "http://www.w3.org/2000/svg";
  const state = {
    run: 0, at: 0, off: new Set(), labels: true, picks: true, truth: true, errors: false, outcomes: false,
    invert: data.invert, flip: data.yUp, opacity: data.opacity, low: 0, high: 1, zoom: 1, panX: 0, panY: 0, error: -1,
  };
  let panels = [], controls = {}, ticket = 0;

  // Elements

  const element = (name, attributes = {}, children = []) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key === "text") made.textContent = value; else made.setAttribute(key, value);
    }
    made.append(...children);
    return made;
  };
  const shape = (name, attributes, parent) => {
    const made = document.createElementNS(svgName, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    parent.append(made);
    return made;
  };
  const button = (label, key, isPressed, act) => {
    const made = element("button", { type: "button", title: key ? "key " + key : label }, [label]);
    if (isPressed !== null) made.setAttribute("aria-pressed", String(isPressed));
    made.addEventListener("click", act);
    return made;
  };
  const slider = (label, low, high, step, value, act) => {
    const input = element("input", { type: "range", min: low, max: high, step, value });
    input.addEventListener("input", () => act(Number(input.value)));
    return { input, box: element("label", {}, [element("span", { text: label }), input]) };
  };
  const run = () => data.runs[state.run];
  const plane = () => run().planes[state.at];
  const nanometres = (voxels) => (voxels * run().spacing / 10).toFixed(1) + " nm";
  const say = (text) => { live.textContent = text; };

  // Planes: decoded near the one that is shown, two dozen kept

  const decode = (base64) => new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => {
      const canvas = element("canvas", { width: image.naturalWidth, height: image.naturalHeight });
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
      const values = new Uint8Array(canvas.width * canvas.height);
      for (let i = 0; i < values.length; i++) values[i] = pixels[4 * i];
      resolve(values);
    };
    image.onerror = () => reject(new Error("a plane cannot be decoded"));
    image.src = "data:image/png;base64," + base64;
  });
  const stored = new Map();
  const load = (number, at) => {
    const key = number + "/" + at;
    if (planes.has(key)) {
      const known = planes.get(key);
      planes.delete(key);
      planes.set(key, known);
      return known;
    }
    if (!stored.has(number)) stored.set(number, read("planes-" + number));
    const source = stored.get(number), scale = data.runs[number].labelScale;
    const found = Promise.all([decode(source.images[at]), source.labels ? decode(source.labels[at]) : null]).then(
      ([grey, labels]) => ({ grey, labels: labels && labels.map((value) => Math.round(value / scale)) }));
    planes.set(key, found);
    while (planes.size > 24) planes.delete(planes.keys().next().value);
    return found;
  };

  // Drawing

  const rgb = (hexadecimal) => [1, 3, 5].map((i) => parseInt(hexadecimal.slice(i, i + 2), 16));
  const greys = () => {
    const r = run(), table = new Uint8ClampedArray(256);
    for (let i = 0; i < 256; i++) {
      let share = 0.5;
      if (r.stored) {
        const from = r.window[0], to = r.window[1];
        share = to > from ? (i / 255 - from) / (to - from) : (i / 255 < from ? 0 : 1);
      }
      const level = Math.floor(255 * Math.min(1, Math.max(0, share)) + 0.5);
      table[i] = state.invert ? 255 - level : level;
    }
    return table;
  };
  const row = (y, height) => state.flip ? height - 1 - y : y;
  const paint = (canvas, width, height, pixel) => {
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext("2d"), image = context.createImageData(width, height);
    for (let y = 0; y < height; y++) {
      const from = row(y, height) * width;
      for (let x = 0; x < width; x++) pixel(from + x, image.data, 4 * (y * width + x));
    }
    context.putImageData(image, 0, 0);
  };
  const isShown = (number) => !state.off.has(data.classes[number].name);
  const drawImages = (found) => {
    const r = run(), table = greys(), colours = data.classes.map((c) => rgb(c.colour)), alpha = Math.round(255 * state.opacity);
    for (const panel of panels) {
      paint(panel.image, r.width, r.height, (i, out, o) => {
        out[o] = out[o + 1] = out[o + 2] = table[found.grey[i]];
        out[o + 3] = 255;
      });
      if (!panel.labels) continue;
      const labels = state.labels ? found.labels : null;
      paint(panel.labels, r.width, r.height, (i, out, o) => {
        const label = labels ? labels[i] : 0;
        if (!label || !isShown(label - 1)) return;
        [out[o], out[o + 1], out[o + 2]] = colours[label - 1];
        out[o + 3] = alpha;
      });
      outline(panel.outlines, labels, r);
    }
    main.dataset.drawn = r.name + " " + plane();
  };
  // The borders of labels as lines of one pixel, by class.
  const outline = (group, labels, r) => {
    group.replaceChildren();
    if (!labels) return;
    const paths = data.classes.map(() => []), at = (x, y) => labels[row(y, r.height) * r.width + x];
    const place = (x, y) => {
      const ends = state.flip ? r.shape[1] - (r.height - y) * r.bin : y * r.bin;
      return (x * r.bin - 0.5) + " " + (ends - 0.5);
    };
    for (let y = 0; y < r.height; y++) {
      for (let x = 0; x < r.width; x++) {
        const here = at(x, y), right = x + 1 < r.width ? at(x + 1, y) : here, below = y + 1 < r.height ? at(x, y + 1) : here;
        for (const label of here === right ? [] : [here, right]) {
          if (label) paths[label - 1].push("M" + place(x + 1, y) + "v" + r.bin);
        }
        for (const label of here === below ? [] : [here, below]) {
          if (label) paths[label - 1].push("M" + place(x, y + 1) + "h" + r.bin);
        }
      }
    }
    paths.forEach((parts, number) => {
      if (parts.length && isShown(number)) {
        shape("path", { d: parts.join(""), stroke: data.classes[number].colour, "stroke-width": 1, fill: "none", "vector-effect": "non-scaling-stroke" }, group);
      }
    });
  };

  const pens = {
    "hit": { width: 1.5, dash: "" }, "false alarm": { width: 1.5, dash: "" }, "plain": { width: 1.5, dash: "" },
    "miss": { width: 2.5, dash: "6 4" }, "found": { width: 1.5, dash: "1.5 3" },
  };
  const isError = (mark) => mark.outcome === "false alarm" || mark.outcome === "miss";
  const isDrawn = (mark) => isShown(mark.class) && (mark.truth ? state.truth : state.picks) && (!state.errors || isError(mark));
  // Radius of the section of a mark's sphere with the plane in voxels, null where they do not meet.
  const section = (mark, k) => {
    const radius = mark.radius === null ? 5 : mark.radius, d = Math.abs(mark.z - k);
    const found = d < radius ? Math.sqrt(radius * radius - d * d) : null;
    return mark.home === k ? Math.max(found || 0, radius / 2) : found;
  };
  const strokes = (group, name, attributes, width, colour, dash, title) => {
    const line = { ...attributes, fill: "none", "vector-effect": "non-scaling-stroke", "stroke-dasharray": dash };
    // Around the ends of dashes too: the ground of a dashed line has no gaps.
    shape(name, { ...line, "stroke-dasharray": "", "stroke": "#000", "stroke-opacity": 0.6, "stroke-width": width + 3, "class": "halo" }, group);
    const made = shape(name, { ...line, "stroke": colour, "stroke-width": width }, group);
    if (title) shape("title", {}, made).textContent = title;
    return made;
  };
  const describe = (mark) => {
    const place = [mark.x, mark.y, mark.z].map((v) => (v * run().spacing / 10).toFixed(1)).join(", ");
    return data.classes[mark.class].name + ": " + mark.outcome + ", x y z " + place + " nm"
      + (mark.score === null ? "" : ", score " + mark.score)
      + (mark.distance === null ? "" : ", " + mark.distance.toFixed(2) + " nm to the nearest " + (mark.truth ? "prediction" : "true pick"));
  };
  const drawMarks = () => {
    const r = run(), k = plane(), [, ny, nx] = r.shape, pick = chosen();
    for (const panel of panels) {
      const group = panel.marks, pixel = nx / (panel.svg.clientWidth || nx);
      group.replaceChildren();
      r.marks.forEach((mark, number) => {
        if (Boolean(mark.truth) !== panel.isTruth || panel.isBare || !isDrawn(mark)) return;
        const colour = state.outcomes ? data.outcomes[mark.outcome] : data.classes[mark.class].colour;
        const cx = mark.x, cy = state.flip ? ny - 1 - mark.y : mark.y, isHome = mark.home === k, title = describe(mark);
        const tag = { "data-class": mark.class, "data-outcome": mark.outcome, "data-mark": number };
        if (cx < -0.5 || cy < -0.5 || cx > nx - 0.5 || cy > ny - 0.5) {
          if (!isHome) return;
          const x = Math.min(Math.max(cx, 0), nx - 1), y = Math.min(Math.max(cy, 0), ny - 1), a = 4 * pixel;
          strokes(group, "path", { d: `M${x - a} ${y - a}h${2 * a}l${-a} ${2 * a}z`, "class": "beside", ...tag }, 1.5, colour, "", title + ", outside of the box");
          return;
        }
        const found = section(mark, k);
        if (found === null) return;
        const pen = pens[mark.outcome], radius = mark.radius === null ? 5 * pixel : found;
        if (mark === pick) shape("circle", { cx, cy, r: radius + 5 * pixel, "class": "chosen", fill: "none", "stroke": "#fff", "stroke-width": 2, "vector-effect": "non-scaling-stroke" }, group);
        strokes(group, "circle", { cx, cy, r: radius, "class": "ring", ...tag }, pen.width, colour, pen.dash, title);
        if (!isHome) return;
        const a = 4 * pixel;
        const centre = {
          "hit": `M${cx - a} ${cy}h${2 * a}M${cx} ${cy - a}v${2 * a}`, "plain": `M${cx - a} ${cy}h${2 * a}M${cx} ${cy - a}v${2 * a}`,
          "false alarm": `M${cx - a} ${cy - a}l${2 * a} ${2 * a}M${cx - a} ${cy + a}l${2 * a} ${-2 * a}`,
          "miss": `M${cx - 0.75 * a} ${cy}a${0.75 * a} ${0.75 * a} 0 1 0 ${1.5 * a} 0a${0.75 * a} ${0.75 * a} 0 1 0 ${-1.5 * a} 0z`,
        }[mark.outcome];
        if (centre) strokes(group, "path", { d: centre, "class": "centre" }, 1.5, colour, "", "");
      });
      drawAxes(panel, pixel, nx, ny);
    }
  };
  // Scale bar, and where x and y go.
  const drawAxes = (panel, pixel, nx, ny) => {
    const group = panel.axes, left = -0.5, bottom = ny - 0.5, edge = run().spacing / 10;
    group.replaceChildren();
    let length = 0;
    for (let n = -6; n <= 12; n++) for (const d of [1, 2, 5]) { const l = Number(d + "e" + n); if (l <= nx * edge / 4) length = l; }
    const line = { d: `M${left + 8 * pixel} ${bottom - 8 * pixel}h${length / edge}`, fill: "none", "vector-effect": "non-scaling-stroke" };
    shape("path", { ...line, "class": "halo", "stroke": "#000", "stroke-opacity": 0.6, "stroke-width": 6 }, group);
    shape("path", { ...line, "class": "bar", "stroke": "#fff", "stroke-width": 3 }, group);
    const text = (content, x, y) => {
      shape("text", { x, y, fill: "#fff", "stroke": "#000", "stroke-opacity": 0.6, "stroke-width": 3 * pixel, "paint-order": "stroke", "font-size": 14 * pixel }, group).textContent = content;
    };
    text(length + " nm", left + 8 * pixel, bottom - 14 * pixel);
    const x = nx - 0.5 - 40 * pixel, y = bottom - (state.flip ? 12 : 40) * pixel, a = 22 * pixel, s = state.flip ? -1 : 1, h = 5 * pixel;
    strokes(group, "path", { d: `M${x} ${y}h${a}m${-h} ${-h}l${h} ${h}l${-h} ${h}M${x} ${y}v${s * a}m${-h} ${-s * h}l${h} ${s * h}l${h} ${-s * h}`, "class": "arrows" }, 1.5, "#fff", "", "");
    text("x", x + a + 4 * pixel, y + 4 * pixel);
    text("y", x + 9 * pixel, y + s * a + 4 * pixel);
  };

  const place = () => {
    const [, ny, nx] = run().shape, reach = 100 * (state.zoom - 1);
    state.panX = Math.min(0, Math.max(-reach, state.panX));
    state.panY = Math.min(0, Math.max(-reach, state.panY));
    for (const panel of panels) {
      Object.assign(panel.viewport.style, { aspectRatio: nx + " / " + ny, touchAction: state.zoom > 1 ? "none" : "auto" });
      Object.assign(panel.stage.style, { width: 100 * state.zoom + "%", height: 100 * state.zoom + "%", left: state.panX + "%", top: state.panY + "%" });
      for (const canvas of [panel.image, panel.labels]) {
        if (!canvas) continue;
        canvas.style.width = 100 * run().width * run().bin / nx + "%";
        canvas.style.height = 100 * run().height * run().bin / ny + "%";
        Object.assign(canvas.style, state.flip ? { top: "auto", bottom: "0" } : { top: "0", bottom: "auto" });
      }
    }
  };

  const draw = () => {
    const r = run(), k = plane(), mine = ++ticket;
    main.dataset.run = r.name;
    main.dataset.z = k;
    main.dataset.flip = state.flip ? "up" : "down";
    controls.plane.value = k;
    controls.plane.setAttribute("aria-valuetext", "plane " + k + ", " + nanometres(k));
    const count = Math.min(r.shape[0], k + Math.floor(r.thickness / 2) + 1) - Math.max(0, k - Math.floor(r.thickness / 2));
    controls.title.textContent = r.name + "  " + r.tomogram + "  " + r.shape.join(" x ") + "  z " + k + " (" + nanometres(k) + "), mean of " + count;
    place();
    drawMarks();
    load(state.run, state.at).then((found) => { if (mine === ticket) drawImages(found); }, (error) => say(error.message));
    for (let d = 1; d <= 3; d++) for (const at of [state.at + d, state.at - d]) if (r.planes[at] !== undefined) load(state.run, at);
  };

  // What can be changed

  const errors = () => run().marks.filter((mark) => isError(mark) && isShown(mark.class)).sort((a, b) => a.z - b.z || a.y - b.y || a.x - b.x);
  const chosen = () => state.error < 0 ? null : errors()[state.error];
  const go = (at) => {
    state.at = Math.min(run().planes.length - 1, Math.max(0, at));
    remember();
    draw();
  };
  const nearest = (k) => run().planes.reduce((best, p, i) => Math.abs(p - k) < Math.abs(run().planes[best] - k) ? i : best, 0);
  const goError = (step) => {
    const all = errors();
    if (!all.length) return say("no errors in this run");
    state.error = ((state.error < 0 && step < 0 ? 0 : state.error) + step + all.length) % all.length;
    const mark = all[state.error];
    main.dataset.error = run().marks.indexOf(mark);
    go(run().planes.indexOf(mark.home));
    say("error " + (state.error + 1) + " of " + all.length + ": " + describe(mark));
  };
  const toggle = (name) => {
    state[name] = !state[name];
    controls[name].setAttribute("aria-pressed", String(state[name]));
    remember();
    draw();
  };
  const toggleClass = (number) => {
    const name = data.classes[number] && data.classes[number].name;
    if (name === undefined) return;
    if (!state.off.delete(name)) state.off.add(name);
    state.error = -1;
    controls.classes[number].setAttribute("aria-pressed", String(isShown(number)));
    remember();
    draw();
  };
  const resetContrast = () => {
    run().window = run().initial.slice();
    controls.black.value = 1000 * run().window[0];
    controls.white.value = 1000 * run().window[1];
    draw();
  };
  const zoom = (factor) => {
    const before = state.zoom;
    state.zoom = factor === 0 ? 1 : Math.min(16, Math.max(1, state.zoom * factor));
    // The middle stays.
    state.panX = 50 - (50 - state.panX) * state.zoom / before;
    state.panY = 50 - (50 - state.panY) * state.zoom / before;
    draw();
  };
  const pan = (dx, dy) => {
    state.panX += dx;
    state.panY += dy;
    place();
  };
  const remember = () => {
    const parts = [["run", run().name], ["z", plane()], ...[...state.off].map((name) => ["off", name])];
    if (state.flip) parts.push(["y", "up"]);
    const hash = "#" + parts.map(([key, value]) => key + "=" + encodeURIComponent(value)).join("&");
    try { history.replaceState(null, "", hash); } catch (error) { /* A page without an address cannot remember. */ }
  };

  // Building the page

  const makePanel = (caption, isTruth, isBare) => {
    const image = element("canvas", { "class": "image" }), labels = isTruth || isBare ? null : element("canvas", { "class": "labels" });
    const svg = document.createElementNS(svgName, "svg"), [, ny, nx] = run().shape;
    svg.setAttribute("viewBox", `-0.5 -0.5 ${nx} ${ny}`);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", caption);
    const outlines = shape("g", {}, svg), marks = shape("g", {}, svg), axes = shape("g", {}, svg);
    const stage = element("div", { "class": "stage" }, [image, ...(labels ? [labels] : []), svg]);
    const viewport = element("div", { "class": "viewport" }, [stage]);
    // An enlarged picture moves with the mouse or the finger; a whole one leaves both to the page.
    viewport.addEventListener("pointerdown", (event) => { if (state.zoom > 1) viewport.setPointerCapture(event.pointerId); });
    viewport.addEventListener("pointermove", (event) => {
      if (viewport.hasPointerCapture(event.pointerId)) pan(100 * event.movementX / viewport.clientWidth, 100 * event.movementY / viewport.clientHeight);
    });
    return { image, labels, svg, outlines, marks, axes, stage, viewport, isTruth, isBare, figure: element("figure", {}, [element("figcaption", { text: caption }), viewport]) };
  };
  const swatch = (colour) => {
    const svg = document.createElementNS(svgName, "svg");
    for (const [key, value] of Object.entries({ viewBox: "0 0 10 10", width: 10, height: 10, "aria-hidden": "true" })) svg.setAttribute(key, value);
    shape("rect", { width: 10, height: 10, fill: colour }, svg);
    return svg;
  };
  const show = (number, k) => {
    state.run = number;
    state.error = -1;
    delete main.dataset.error;
    const r = run();
    state.at = nearest(k === undefined ? r.best : k);
    panels = [data.truth === null ? makePanel("tomogram", false, true) : makePanel("truth", true, false), makePanel("prediction", false, false)];
    const first = r.planes[0], last = r.planes[r.planes.length - 1];
    const planeSlider = slider("plane", first, last, r.planes.length > 1 ? r.planes[1] - first : 1, plane(), (value) => go(nearest(value)));
    const black = slider("black", 0, 1000, 1, 1000 * r.window[0], (value) => { r.window[0] = value / 1000; draw(); });
    const white = slider("white", 0, 1000, 1, 1000 * r.window[1], (value) => { r.window[1] = value / 1000; draw(); });
    const opacity = slider("labels", 0, 1, 0.05, state.opacity, (value) => { state.opacity = value; draw(); });
    const title = element("bdi");
    controls = { plane: planeSlider.input, black: black.input, white: white.input, title };
    controls.classes = data.classes.map((c, i) => {
      const made = button(element("bdi", { text: c.name }), i < 9 ? String(i + 1) : "", isShown(i), () => toggleClass(i));
      made.prepend(swatch(c.colour));
      return made;
    });
    const switches = [["labels", "labels", "l"], ["picks", "picks", "p"], ["truth", "truth", "t"], ["errors", "errors only", "e"], ["outcomes", "outcome colours", ""], ["invert", "invert", "i"], ["flip", "y up", "y"]];
    const bar = switches.map(([name, label, key]) => (controls[name] = button(label, key, state[name], () => toggle(name))));
    const moves = [
      button("previous error", "N", null, () => goError(-1)), button("next error", "n", null, () => goError(1)),
      button("best plane", "m", null, () => go(nearest(r.best))), button("contrast as at first", "a", null, resetContrast),
      button("-", "-", null, () => zoom(0.5)), button("+", "+", null, () => zoom(2)), button("whole", "0", null, () => zoom(0)),
    ];
    const note = r.command ? [element("p", {}, ["This page has one plane of this run. For all of them: ", element("code", { text: r.command })])] : [];
    main.replaceChildren(
      element("h2", {}, [title]), ...note, element("div", { "class": "panels" }, panels.map((panel) => panel.figure)),
      element("div", { "class": "controls" }, [planeSlider.box, black.box, white.box, opacity.box]),
      element("div", { "class": "controls", role: "group", "aria-label": "classes" }, controls.classes),
      element("div", { "class": "controls", role: "group", "aria-label": "shown" }, bar), element("div", { "class": "controls" }, moves));
    document.querySelectorAll("[data-numbers]").forEach((part) => { part.hidden = part.dataset.numbers !== String(number); });
    document.querySelectorAll("nav [data-run]").forEach((link) => {
      if (link.dataset.run === String(number)) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
    new ResizeObserver(drawMarks).observe(panels[0].viewport);
    draw();
  };
  const openRun = (number) => {
    if (number < 0 || number >= data.runs.length) return;
    show(number);
    remember();
    say("run " + run().name);
  };
  const fromHash = () => {
    let wanted;
    try { wanted = new URLSearchParams(location.hash.slice(1)); } catch (error) { wanted = new URLSearchParams(); }
    const name = wanted.get("run"), found = data.runs.findIndex((r) => r.name === name);
    const number = found < 0 ? (data.runs[state.run].planes.length ? state.run : 0) : found;
    if (wanted.has("y")) state.flip = wanted.get("y") === "up";
    if (wanted.has("off")) state.off = new Set(wanted.getAll("off"));
    const k = wanted.get("z");
    show(number, k !== null && /^[0-9]{1,9}$/.test(k) ? Number(k) : undefined);
  };

  // Keys

  const keys = {
    PageUp: () => go(state.at + 1), PageDown: () => go(state.at - 1), ".": () => go(state.at + 1), ",": () => go(state.at - 1),
    Insert: () => go(nearest((run().shape[0] - 1) / 2)), m: () => go(nearest(run().best)), n: () => goError(1), N: () => goError(-1),
    "[": () => openRun(state.run - 1), "]": () => openRun(state.run + 1), "+": () => zoom(2), "-": () => zoom(0.5), "0": () => zoom(0),
    ArrowLeft: () => pan(10, 0), ArrowRight: () => pan(-10, 0), ArrowUp: () => pan(0, 10), ArrowDown: () => pan(0, -10),
    l: () => toggle("labels"), p: () => toggle("picks"), t: () => toggle("truth"), e: () => toggle("errors"), i: () => toggle("invert"),
    a: resetContrast, y: () => toggle("flip"),
    "?": () => { const help = document.getElementById("keys"); help.open = !help.open; if (help.open) help.scrollIntoView(); },
  };
  document.addEventListener("keydown", (event) => {
    const target = event.target, isSlider = target.type === "range";
    if (event.ctrlKey || event.metaKey || event.altKey || (target.matches && target.matches("textarea, select, input:not([type=range])"))) return;
    if (isSlider && /^(Arrow|Page|Home|End)/.test(event.key)) return;
    if (event.shiftKey && (event.key === "PageUp" || event.key === "PageDown")) go(state.at + (event.key === "PageUp" ? 10 : -10));
    else if (/^[1-9]$/.test(event.key)) toggleClass(Number(event.key) - 1);
    else if (Object.hasOwn(keys, event.key)) keys[event.key]();
    else return;
    event.preventDefault();
  });
  window.addEventListener("hashchange", fromHash);

  for (const r of data.runs) {
    const [low, high] = r.stored || [0, 1], shown = r.shown || [0, 1], span = high - low || 1;
    r.initial = shown.map((value) => (value - low) / span);
    r.window = r.initial.slice();
    r.marks = r.marks.map(([c, outcome, truth, x, y, z, radius, score, distance, home]) => ({ class: c, outcome: data.outcomeNames[outcome], truth, x, y, z, radius, score, distance, home }));
  }
  fromHash();
})();
