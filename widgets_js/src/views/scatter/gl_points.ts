/** The WebGL2 surface: points into textures, textures onto the view. */
import {
  PICTURE_FRAGMENT,
  PICTURE_VERTEX,
  POINTS_FRAGMENT,
  POINTS_VERTEX,
  programOf,
  uniformsOf,
} from "./gl_programs";
import type { Frame, Placement, Slot, Source, Surface } from "./surface";

interface Picture {
  readonly texture: WebGLTexture;
  readonly target: WebGLFramebuffer;
  width: number;
  height: number;
}

/** Everything that dies with the context, made anew when it comes back. */
function makeResources(gl: WebGL2RenderingContext) {
  const points = programOf(gl, POINTS_VERTEX, POINTS_FRAGMENT);
  const pictures = programOf(gl, PICTURE_VERTEX, PICTURE_FRAGMENT);
  const places = gl.createBuffer();
  const colours = gl.createBuffer();
  const vertices = gl.createVertexArray();
  gl.bindVertexArray(vertices);
  gl.bindBuffer(gl.ARRAY_BUFFER, places);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, colours);
  gl.enableVertexAttribArray(1);
  gl.vertexAttribPointer(1, 4, gl.UNSIGNED_BYTE, true, 0, 0);
  gl.bindVertexArray(null);
  return {
    points,
    pictures,
    pointUniforms: uniformsOf(gl, points, ["centre", "scale", "size", "alpha", "radius"]),
    pictureUniforms: uniformsOf(gl, pictures, ["box", "fade", "picture"]),
    places,
    colours,
    vertices,
    bare: gl.createVertexArray(),
    lists: { picks: gl.createBuffer(), patch: gl.createBuffer() },
    slots: [null, null, null] as (Picture | null)[],
  };
}

type Resources = ReturnType<typeof makeResources>;

/** What graphics without hardware call themselves. */
const EMULATED = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Is this context emulated on the processor? Drawing points takes it some thirty times as long as stamping them does. */
function isEmulated(gl: WebGL2RenderingContext): boolean {
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name: unknown = gl.getParameter(info === null ? gl.RENDERER : info.UNMASKED_RENDERER_WEBGL);
  return typeof name === "string" && EMULATED.test(name);
}

/** Points drawn by WebGL2. `make` gives null where there is no WebGL2, or, unless `anyway`, where it is only emulated. */
export class GlSurface implements Surface {
  readonly kind = "webgl2";
  readonly synchronous = false;
  readonly longestSide: number;
  private resources: Resources;
  private pending: WebGLSync | null = null;
  private xy = new Float32Array(0);
  private colours = new Uint32Array(0);

  static make(canvas: HTMLCanvasElement, anyway = false): GlSurface | null {
    const gl = canvas.getContext("webgl2", {
      alpha: false,
      antialias: false,
      depth: false,
      stencil: false,
      preserveDrawingBuffer: false,
      powerPreference: "low-power",
    });
    if (gl === null) return null;
    if (anyway || !isEmulated(gl)) return new GlSurface(canvas, gl);
    gl.getExtension("WEBGL_lose_context")?.loseContext();
    return null;
  }

  private constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly gl: WebGL2RenderingContext,
  ) {
    this.longestSide = Math.min(8192, Number(gl.getParameter(gl.MAX_TEXTURE_SIZE)));
    this.resources = makeResources(gl);
  }

  /** Make everything anew after the context came back; the pictures are empty then. */
  restore(): void {
    this.pending = null;
    this.resources = makeResources(this.gl);
    this.setPoints(this.xy, this.colours);
  }

  get lost(): boolean {
    return this.gl.isContextLost();
  }

  resize(width: number, height: number): void {
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
  }

  setPoints(xy: Float32Array, colours: Uint32Array): void {
    const { gl } = this;
    this.xy = xy as Float32Array<ArrayBuffer>;
    this.colours = colours as Uint32Array<ArrayBuffer>;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.resources.places);
    gl.bufferData(gl.ARRAY_BUFFER, xy, gl.STATIC_DRAW);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.resources.colours);
    gl.bufferData(gl.ARRAY_BUFFER, colours, gl.DYNAMIC_DRAW);
  }

  coloursChanged(from: number, to: number): void {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.resources.colours);
    gl.bufferSubData(gl.ARRAY_BUFFER, from * 4, this.colours, from, to - from);
  }

  setList(source: "picks" | "patch", positions: Uint32Array): void {
    const { gl } = this;
    // The element binding belongs to a vertex array: bind none of the points', whose draws bind their own list.
    gl.bindVertexArray(this.resources.bare);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.resources.lists[source]);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, positions, gl.DYNAMIC_DRAW);
    gl.bindVertexArray(null);
  }

  clear(slot: Slot, frame: Frame): void {
    const { gl } = this;
    const picture = this.pictureOf(slot, frame);
    gl.bindFramebuffer(gl.FRAMEBUFFER, picture.target);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
  }

  points(
    slot: Slot,
    frame: Frame,
    source: Source,
    runs: readonly number[],
    size: number,
    alpha: number,
  ): void {
    const { gl } = this;
    const { points, pointUniforms, vertices, lists } = this.resources;
    const { camera, dpr } = frame;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.pictureOf(slot, frame).target);
    gl.viewport(0, 0, frame.width, frame.height);
    gl.useProgram(points);
    gl.uniform2f(pointUniforms.centre, camera.cx, camera.cy);
    gl.uniform2f(
      pointUniforms.scale,
      (2 * camera.sx * dpr) / frame.width,
      (2 * camera.sy * dpr) / frame.height,
    );
    gl.uniform1f(pointUniforms.size, size);
    gl.uniform1f(pointUniforms.radius, size / 2);
    gl.uniform1f(pointUniforms.alpha, alpha);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.bindVertexArray(vertices);
    if (source !== "all") gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, lists[source]);
    for (let i = 0; i + 1 < runs.length; i += 2) {
      const start = runs[i] as number;
      const count = runs[i + 1] as number;
      if (source === "all") gl.drawArrays(gl.POINTS, start, count);
      else gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, 4 * start);
    }
    gl.bindVertexArray(null);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    if (this.pending !== null) gl.deleteSync(this.pending);
    this.pending = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
  }

  done(): boolean {
    const { gl } = this;
    if (this.pending === null) return true;
    if (!gl.isContextLost() && gl.getSyncParameter(this.pending, gl.SYNC_STATUS) !== gl.SIGNALED)
      return false;
    gl.deleteSync(this.pending);
    this.pending = null;
    return true;
  }

  compose(background: readonly [number, number, number], placements: readonly Placement[]): void {
    const { gl } = this;
    const { pictures, pictureUniforms, bare, slots } = this.resources;
    const { width, height } = this.canvas;
    gl.viewport(0, 0, width, height);
    gl.clearColor(background[0] / 255, background[1] / 255, background[2] / 255, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(pictures);
    gl.bindVertexArray(bare);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.activeTexture(gl.TEXTURE0);
    gl.uniform1i(pictureUniforms.picture, 0);
    for (const p of placements) {
      const picture = slots[p.slot];
      if (picture === null || picture === undefined) continue;
      gl.bindTexture(gl.TEXTURE_2D, picture.texture);
      gl.uniform1f(pictureUniforms.fade, p.fade);
      const [left, right] = [(2 * p.x) / width - 1, (2 * (p.x + p.width)) / width - 1];
      const [top, bottom] = [1 - (2 * p.y) / height, 1 - (2 * (p.y + p.height)) / height];
      gl.uniform4f(pictureUniforms.box, left, bottom, right, top);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    }
    gl.bindVertexArray(null);
  }

  destroy(): void {
    // Browsers keep only some sixteen contexts: give this one back now, not when the garbage is collected.
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
    this.canvas.width = 0;
    this.canvas.height = 0;
    this.canvas.remove();
  }

  private pictureOf(slot: Slot, frame: Frame): Picture {
    const { gl } = this;
    const { slots } = this.resources;
    const old = slots[slot] ?? null;
    if (old !== null && old.width === frame.width && old.height === frame.height) return old;
    const picture = old ?? {
      texture: gl.createTexture(),
      target: gl.createFramebuffer(),
      width: 0,
      height: 0,
    };
    gl.bindTexture(gl.TEXTURE_2D, picture.texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, frame.width, frame.height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.bindFramebuffer(gl.FRAMEBUFFER, picture.target);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, picture.texture, 0);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    picture.width = frame.width;
    picture.height = frame.height;
    slots[slot] = picture;
    return picture;
  }
}
