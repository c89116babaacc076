// The map's island: our own tiles drawn by MapLibre GL, every sign a picture of ours, so that no font and no other server is needed.
import {
  AttributionControl,
  Map as GlMap,
  NavigationControl,
  ScaleControl,
  addProtocol,
  setWorkerUrl,
  type ExpressionSpecification,
  type IControl,
  type LayerSpecification,
  type MapGeoJSONFeature,
  type StyleSpecification,
  type VectorTileSource,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { PMTiles, Protocol, TileType } from "pmtiles";

type Bounds = [number, number, number, number];

interface Told {
  cases: string | null;
  hotspots: string | null;
  boundaries: string;
  cards: string;
  list: string | null;
  bounds: Bounds | null;
  base: { kind: "none" | "raster" | "pmtiles"; tiles: string[][]; size: number; file: string; attribution: string; named: boolean };
  words: Record<string, string>;
}

/** What a base map of one file holds, once its head was read. */
interface Archive {
  address: string;
  vector: boolean;
  deepest: number;
}

const place = document.getElementById("map");
const told = place?.dataset["map"] ? (JSON.parse(place.dataset["map"]) as Told) : null;
const word = (name: string, values: Record<string, string | number> = {}): string =>
  Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, String(value)), told?.words[name] ?? "");
/** Whole, since workers know no page that an address could be relative to; its braces stay. */
const whole = (path: string): string => (path.startsWith("/") ? location.origin + path : path);

// Colours are those of the page, light or dark, read from its style sheet each time they are needed.
const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim() || "#888888";
const LAMPS: Record<string, string> = { g: "jade", y: "amber", x: "vermilion", n: "ink-2" };
const mixed = (name: string, share: number): string => {
  const part = (text: string): number[] => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
  const [over, under] = [part(colour(name)), part(colour("surface"))];
  return `rgb(${over.map((value, at) => Math.round(value * share + (under[at] ?? 0) * (1 - share))).join(",")})`;
};

/* Signs: drawn when the map first asks for them by name, at the screen's own sharpness. */

const sharp = Math.min(3, Math.max(1, window.devicePixelRatio || 1));
interface Sign {
  data: ImageData;
}

const drawn = (width: number, height: number, draw: (pen: CanvasRenderingContext2D) => void): Sign | null => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.ceil(width * sharp), Math.ceil(height * sharp)];
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) return null;
  pen.scale(sharp, sharp);
  draw(pen);
  return { data: pen.getImageData(0, 0, canvas.width, canvas.height) };
};

/** Disc, diamond, square or ring around a middle: the lamp's shape, the same as beside the words in every list. */
const outline = (pen: CanvasRenderingContext2D, lamp: string, x: number, y: number, radius: number): void => {
  pen.beginPath();
  if (lamp === "x") pen.roundRect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8, 2);
  else if (lamp === "y") {
    const reach = radius * 1.25;
    pen.moveTo(x, y - reach);
    for (const [dx, dy] of [[1, 0], [0, 1], [-1, 0]] as const) pen.lineTo(x + dx * reach, y + dy * reach);
    pen.closePath();
  } else pen.arc(x, y, radius, 0, Math.PI * 2);
};

const lampSign = (lamp: string): Sign | null =>
  drawn(26, 26, (pen) => {
    outline(pen, lamp, 13, 13, 8);
    pen.lineJoin = "round";
    pen.strokeStyle = colour("surface");
    pen.lineWidth = 5;
    pen.stroke();
    pen.fillStyle = colour(lamp === "n" ? "surface" : (LAMPS[lamp] ?? "ink"));
    pen.fill();
    if (lamp === "n") {
      pen.strokeStyle = colour("ink-2");
      pen.lineWidth = 2.5;
      pen.stroke();
    }
  });

const family = (): string => getComputedStyle(document.body).fontFamily;
const short = (n: number): string => (n < 10_000 ? String(n) : `${Math.round(n / 1000)}k`);

/** A sum of cases: its number in the shape of the most urgent lamp, below it their shares as a bar. */
const heapSign = (n: number, counts: Record<string, number>): Sign | null => {
  const worst = ["x", "y", "g", "n"].find((lamp) => (counts[lamp] ?? 0) > 0) ?? "n";
  const text = short(n);
  const radius = n < 10 ? 14 : n < 100 ? 17 : n < 1000 ? 20 : 24;
  const side = radius * 2.5 + 8;
  return drawn(side, side + 8, (pen) => {
    const middle = side / 2;
    outline(pen, worst, middle, middle, radius);
    pen.lineJoin = "round";
    pen.fillStyle = colour("surface");
    pen.fill();
    pen.fillStyle = mixed(LAMPS[worst] ?? "ink", 0.16);
    pen.fill();
    pen.strokeStyle = colour(LAMPS[worst] ?? "ink");
    pen.lineWidth = 2.5;
    pen.stroke();
    pen.font = `600 ${n < 1000 ? 13 : 12}px ${family()}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = colour("ink");
    pen.fillText(text, middle, middle + 1);
    const [width, top] = [radius * 1.8, side - 2];
    pen.fillStyle = colour("surface");
    pen.fillRect(middle - width / 2 - 1, top - 1, width + 2, 7);
    let from = middle - width / 2;
    for (const lamp of ["x", "y", "g", "n"]) {
      const part = (width * (counts[lamp] ?? 0)) / n;
      pen.fillStyle = colour(LAMPS[lamp] ?? "ink");
      pen.fillRect(from, top, part, 5);
      from += part;
    }
  });
};

const textSign = (text: string, size: number, weight: number, ink: string): Sign | null => {
  const font = `${weight} ${size}px ${family()}`;
  const measure = document.createElement("canvas").getContext("2d");
  if (!measure || !text) return null;
  measure.font = font;
  return drawn(Math.min(240, measure.measureText(text).width) + 8, size * 1.5, (pen) => {
    pen.font = font;
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 4;
    pen.strokeStyle = colour("surface");
    pen.strokeText(text, 4, size * 0.78, 240);
    pen.fillStyle = ink;
    pen.fillText(text, 4, size * 0.78, 240);
  });
};

const signOf = (id: string): Sign | null => {
  const [kind = "", ...rest] = id.split("|");
  if (kind === "lamp") return lampSign(rest[0] ?? "n");
  if (kind === "heap") {
    const [n = 0, g = 0, y = 0, x = 0, o = 0] = rest.map(Number);
    return heapSign(n, { g, y, x, n: o });
  }
  if (kind === "number") return textSign(short(Number(rest[0])), 13, 600, colour("ink"));
  if (kind === "name") {
    const high = rest[0] === "sub_district" || rest[0] === "community";
    return textSign(rest.slice(1).join("|"), high ? 14 : 12, high ? 600 : 400, colour(high ? "ink" : "ink-2"));
  }
  return null;
};

/* The style: what is drawn, from the ground up. */

const text = (name: string): ExpressionSpecification => ["to-string", ["get", name]];
const levels = (...of: string[]): ExpressionSpecification => ["in", ["get", "level"], ["literal", of]];
const byDepth = (...stops: (number | ExpressionSpecification)[]): ExpressionSpecification =>
  ["interpolate", ["linear"], ["zoom"], ...stops] as unknown as ExpressionSpecification;

const dark = (): boolean => {
  const look = document.documentElement.dataset["theme"];
  return look === "dark" || (look !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
};

/** A base map of vectors, drawn quietly: the layers of the two schemes that such files have (Protomaps, OpenMapTiles). */
const vectorBase = (): LayerSpecification[] => {
  const fill = (layer: string, ink: string): LayerSpecification => ({
    id: `base-${layer}`,
    type: "fill",
    source: "base",
    "source-layer": layer,
    paint: { "fill-color": ink, "fill-opacity": 0.7 },
  });
  const line = (layer: string, ink: string, width: number): LayerSpecification => ({
    id: `base-line-${layer}`,
    type: "line",
    source: "base",
    "source-layer": layer,
    filter: ["==", ["geometry-type"], "LineString"],
    paint: { "line-color": ink, "line-width": byDepth(8, 0.3, 14, width, 18, width * 5) },
  });
  const water = mixed("indigo", 0.18);
  return [
    fill("landcover", mixed("jade", 0.07)),
    fill("landuse", mixed("ink", 0.03)),
    fill("park", mixed("jade", 0.1)),
    fill("water", water),
    line("waterway", water, 1),
    fill("buildings", mixed("ink", 0.07)),
    fill("building", mixed("ink", 0.07)),
    line("roads", mixed("ink", 0.16), 1.4),
    line("transportation", mixed("ink", 0.16), 1.4),
  ];
};

const style = (archive: Archive | null): StyleSpecification => {
  const source = { type: "vector" as const, minzoom: 0, maxzoom: 18 };
  const sources: StyleSpecification["sources"] = {
    boundaries: { ...source, tiles: [whole(told!.boundaries)] },
  };
  const based = told!.base.kind !== "none";
  const layers: LayerSpecification[] = [{ id: "ground", type: "background", paint: { "background-color": based ? colour("surface") : colour("paper") } }];
  const rasterPaint = dark()
    ? { "raster-brightness-max": 0.62, "raster-saturation": -0.5, "raster-contrast": 0.1 }
    : { "raster-saturation": -0.35, "raster-opacity": 0.85 };
  const credits = told!.base.attribution || (told!.base.named ? word("tianditu") : "");
  told!.base.tiles.forEach((tiles, nth) => {
    sources[`base-${nth}`] = { type: "raster", tiles: tiles.map(whole), tileSize: told!.base.size, maxzoom: 18, attribution: nth === 0 ? credits : "" };
    layers.push({ id: `base-${nth}`, type: "raster", source: `base-${nth}`, paint: rasterPaint });
  });
  if (archive?.vector) {
    sources["base"] = { type: "vector", url: `pmtiles://${archive.address}`, attribution: credits };
    layers.push(...vectorBase());
  } else if (archive) {
    sources["base"] = { type: "raster", url: `pmtiles://${archive.address}`, tileSize: 256, maxzoom: archive.deepest, attribution: credits };
    layers.push({ id: "base", type: "raster", source: "base", paint: rasterPaint });
  }
  if (!based) {
    layers.push({
      id: "areas",
      type: "fill",
      source: "boundaries",
      "source-layer": "areas",
      filter: levels("sub_district", "district", "compound", "building"),
      paint: { "fill-color": ["match", ["get", "level"], ["sub_district", "district"], colour("surface"), mixed("ink", 0.05)] as ExpressionSpecification },
    });
  }
  if (told!.hotspots) {
    sources["hotspots"] = { ...source, maxzoom: 16, tiles: [whole(told!.hotspots)] };
    layers.push({
      id: "squares",
      type: "fill",
      source: "hotspots",
      "source-layer": "squares",
      paint: {
        "fill-color": colour("vermilion"),
        "fill-opacity": ["match", ["get", "shade"], 1, 0.18, 2, 0.36, 3, 0.54, 4, 0.72, 0.9],
        "fill-outline-color": colour("surface"),
      },
    });
  }
  layers.push(
    {
      id: "edges",
      type: "line",
      source: "boundaries",
      "source-layer": "areas",
      filter: levels("grid", "compound", "building", "area"),
      paint: { "line-color": colour("ink-3"), "line-width": 1, "line-dasharray": [2, 2] },
    },
    {
      id: "edges-community",
      type: "line",
      source: "boundaries",
      "source-layer": "areas",
      filter: levels("community"),
      // Neighbours share their edges: a stitch that is drawn twice would be none.
      paint: { "line-color": colour("indigo"), "line-opacity": 0.55, "line-width": byDepth(9, 0.6, 14, 1.4) },
    },
    {
      id: "edges-whole",
      type: "line",
      source: "boundaries",
      "source-layer": "areas",
      filter: levels("sub_district", "district"),
      paint: { "line-color": colour("indigo"), "line-width": byDepth(8, 1.2, 14, 2.4) },
    },
    {
      id: "names",
      type: "symbol",
      source: "boundaries",
      "source-layer": "names",
      filter: ["any", levels("community"), ["all", levels("compound"), [">=", ["zoom"], 15]], ["all", levels("building"), [">=", ["zoom"], 17]], ["all", levels("sub_district"), ["<", ["zoom"], 12]]],
      layout: { "icon-image": ["concat", "name|", text("level"), "|", text("name")], "icon-padding": 6, "symbol-sort-key": ["match", ["get", "level"], "sub_district", 0, "community", 1, 2] },
    },
  );
  if (told!.hotspots) {
    layers.push({
      id: "numbers",
      type: "symbol",
      source: "hotspots",
      "source-layer": "numbers",
      layout: { "icon-image": ["concat", "number|", text("n")], "icon-padding": 0, "symbol-sort-key": ["-", 0, ["get", "n"]] },
    });
  }
  if (told!.cases) {
    sources["cases"] = { ...source, tiles: [whole(told!.cases)] };
    layers.push(
      {
        id: "heaps",
        type: "symbol",
        source: "cases",
        "source-layer": "heaps",
        layout: {
          "icon-image": ["concat", "heap|", text("n"), "|", text("g"), "|", text("y"), "|", text("x"), "|", text("o")],
          // Names give way to them.
          "icon-allow-overlap": true,
          "symbol-sort-key": ["get", "n"],
        },
      },
      {
        id: "cases",
        type: "symbol",
        source: "cases",
        "source-layer": "cases",
        layout: {
          "icon-image": ["concat", "lamp|", text("lamp")],
          "icon-allow-overlap": true,
          // The most urgent lies on top.
          "symbol-sort-key": ["match", ["get", "lamp"], "x", 3, "y", 2, "g", 1, 0],
        },
      },
    );
  }
  return { version: 8, sources, layers };
};

/* Around the map: the card of what was touched, the list of what is in view, what to do when something fails. */

/** Goes back to what was to be seen at first. */
class Whole implements IControl {
  private readonly box = document.createElement("div");
  constructor(private readonly bounds: Bounds) {}
  onAdd(map: GlMap): HTMLElement {
    this.box.className = "maplibregl-ctrl maplibregl-ctrl-group";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "map-whole";
    button.textContent = word("whole");
    button.onclick = () => map.fitBounds(this.bounds, { padding: 30, maxZoom: 16 });
    this.box.append(button);
    return this.box;
  }
  onRemove(): void {
    this.box.remove();
  }
}

const note = (words: string): void => {
  let line = place!.querySelector<HTMLElement>(".map-trouble");
  if (!words) return line?.remove();
  if (!line) {
    line = document.createElement("p");
    line.className = "note map-trouble";
    line.setAttribute("role", "status");
    place!.append(line);
  }
  line.textContent = words;
};

/** The cards of these cases, as the server writes them; nothing where it does not answer. */
const cards = async (numbers: number[]): Promise<Node[] | null> => {
  const answer = await fetch(`${told!.cards}?n=${numbers.join(",")}`, { headers: { "X-Requested-With": "map" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) {
    note(answer?.redirected ? word("loggedOut") : word("trouble"));
    return null;
  }
  return [...new DOMParser().parseFromString(`<ol>${await answer.text()}</ol>`, "text/html").querySelectorAll("ol > li")];
};

const unshown = (): void => place!.querySelector(".map-card")?.remove();
const show = (rows: Node[]): void => {
  unshown();
  const card = document.createElement("section");
  card.className = "map-card";
  card.setAttribute("role", "region");
  card.setAttribute("aria-label", word("map"));
  card.tabIndex = -1;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", word("close"));
  const back = (): void => {
    unshown();
    place!.querySelector<HTMLElement>("canvas")?.focus();
  };
  close.onclick = back;
  card.onkeydown = (event) => {
    if (event.key === "Escape") back();
  };
  const list = document.createElement("ol");
  list.append(...rows);
  card.append(close, list);
  place!.append(card);
  card.focus({ preventScroll: true });
};

const urgency = (feature: MapGeoJSONFeature): number => "ngyx".indexOf(String(feature.properties["lamp"]));
const numbersOf = (features: MapGeoJSONFeature[]): number[] => [
  ...new Set([...features].sort((a, b) => urgency(b) - urgency(a)).map((feature) => Number(feature.properties["number"]))),
];

/** The list of single cases in view, the most urgent first: what eyes find on the map, for keys and for those who hear the page. */
const listing = (map: GlMap): void => {
  const [card, list, count] = ["map-seen", "map-seen-list", "map-seen-n"].map((id) => document.getElementById(id));
  if (!card || !list || !count) return;
  let last = "";
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const look = async (): Promise<void> => {
    const numbers = numbersOf(map.queryRenderedFeatures({ layers: ["cases"] }));
    const heaps = map.queryRenderedFeatures({ layers: ["heaps"] }).length;
    const first = numbers.slice(0, 20);
    const now = `${numbers.length}:${first.join()}:${heaps > 0}`;
    if (now === last) return;
    last = now;
    const rows = first.length > 0 ? await cards(first) : [];
    if (!rows || last !== now) return;
    list.replaceChildren(...rows);
    card.hidden = numbers.length === 0 && heaps === 0;
    count.textContent = numbers.length > 0 ? word("seen", { n: numbers.length, m: rows.length }) : word("seenNone");
  };
  map.on("idle", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void look(), 250);
  });
};

const begin = async (): Promise<void> => {
  setWorkerUrl(whole(workerUrl));
  let archive: Archive | null = null;
  if (told!.base.kind === "pmtiles") {
    const file = new PMTiles(whole(told!.base.file));
    const protocol = new Protocol();
    protocol.add(file);
    addProtocol("pmtiles", protocol.tile);
    // Without its head there is no base map; ours goes on.
    const head = await file.getHeader().catch(() => null);
    if (head) archive = { address: whole(told!.base.file), vector: head.tileType === TileType.Mvt, deepest: head.maxZoom };
    else note(word("trouble"));
  }
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = new GlMap({
    container: place!,
    style: style(archive),
    ...(told!.bounds ? { bounds: told!.bounds, fitBoundsOptions: { padding: 30, maxZoom: 16 } } : { center: [105, 35] as [number, number], zoom: 3 }),
    maxZoom: 20,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: still ? 0 : 200,
    locale: {
      "Map.Title": word("map"),
      "NavigationControl.ZoomIn": word("zoomIn"),
      "NavigationControl.ZoomOut": word("zoomOut"),
      "AttributionControl.ToggleAttribution": word("credits"),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.setMissingStyleImageResolver((id) => {
    const sign = signOf(id);
    if (sign && !map.hasImage(id)) map.addImage(id, sign.data, { pixelRatio: sharp });
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  if (told!.bounds) map.addControl(new Whole(told!.bounds), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-right");
  if (told!.base.kind !== "none") map.addControl(new AttributionControl({ compact: false }), "bottom-right");

  map.on("error", (event) => {
    const status = (event.error as { status?: number }).status;
    note(status === 401 || status === 403 ? word("loggedOut") : word("trouble"));
  });
  map.on("idle", () => {
    place!.dataset["ready"] = "1";
  });

  const near = (at: { x: number; y: number }, layers: string[]): MapGeoJSONFeature[] =>
    // A finger is wider than a point.
    map.queryRenderedFeatures([[at.x - 6, at.y - 6], [at.x + 6, at.y + 6]], { layers });
  if (told!.cases) {
    map.on("click", (event) => {
      const single = numbersOf(near(event.point, ["cases"])).slice(0, 8);
      if (single.length > 0) {
        note("");
        void cards(single).then((rows) => rows && show(rows));
        return;
      }
      unshown();
      const [heap] = near(event.point, ["heaps"]);
      if (heap) map.easeTo({ center: event.lngLat, zoom: Math.min(map.getZoom() + 2, 17) });
    });
    for (const layer of ["cases", "heaps"]) {
      map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
      map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
    }
    listing(map);
    // What changed meanwhile, without a reload; not while nobody looks.
    setInterval(() => {
      if (document.hidden) return;
      note("");
      (map.getSource("cases") as VectorTileSource | undefined)?.setTiles([whole(told!.cases!)]);
    }, 60_000);
  }
  if (told!.hotspots && told!.list) {
    map.on("click", (event) => {
      const [found] = map.queryRenderedFeatures(event.point, { layers: ["squares"] });
      unshown();
      if (!found) return;
      const [n, square] = [Number(found.properties["n"]), Number(found.properties["square"])];
      if (square < 0) {
        map.easeTo({ center: event.lngLat, zoom: 14 });
        return;
      }
      const row = document.createElement("li");
      const link = document.createElement("a");
      link.href = `${told!.list}${square}`;
      link.textContent = word("open", { n });
      row.append(word("square", { n }), link);
      show([row]);
    });
    map.on("mouseenter", "squares", () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", "squares", () => (map.getCanvas().style.cursor = ""));
  }

  const anew = (): void => {
    map.listImages().forEach((id) => map.removeImage(id));
    map.setStyle(style(archive), { diff: false });
  };
  new MutationObserver(anew).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", anew);
};

if (place && told) {
  begin().catch(() => {
    // No WebGL, most likely; the figures below the map say the same.
    place.replaceChildren();
    note(word("noWebgl"));
    place.dataset["ready"] = "0";
  });
}
