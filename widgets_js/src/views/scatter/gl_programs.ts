/** Shaders of the WebGL2 surface, and how they are made. */

export const POINTS_VERTEX = `#version 300 es
precision highp float;
layout(location = 0) in vec2 place;
layout(location = 1) in vec4 colour;
uniform vec2 centre;
uniform vec2 scale;
uniform float size;
uniform float alpha;
out vec4 ink;
void main() {
  if (colour.a == 0.0) { gl_Position = vec4(2.0, 2.0, 0.0, 1.0); gl_PointSize = 1.0; ink = vec4(0.0); return; }
  gl_Position = vec4((place - centre) * scale, 0.0, 1.0);
  gl_PointSize = size + 1.0;
  ink = vec4(colour.rgb, colour.a * alpha);
}`;

/** A disc with one pixel of soft edge; colours are premultiplied. */
export const POINTS_FRAGMENT = `#version 300 es
precision mediump float;
uniform float radius;
in vec4 ink;
out vec4 result;
void main() {
  vec2 d = (gl_PointCoord - 0.5) * (2.0 * radius + 1.0);
  float a = ink.a * clamp(radius + 0.5 - length(d), 0.0, 1.0);
  result = vec4(ink.rgb * a, a);
}`;

export const PICTURE_VERTEX = `#version 300 es
precision highp float;
uniform vec4 box;
out vec2 uv;
void main() {
  vec2 corner = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1));
  uv = corner;
  gl_Position = vec4(mix(box.xy, box.zw, corner), 0.0, 1.0);
}`;

export const PICTURE_FRAGMENT = `#version 300 es
precision mediump float;
uniform sampler2D picture;
uniform float fade;
in vec2 uv;
out vec4 result;
void main() { result = texture(picture, uv) * fade; }`;

function shaderOf(gl: WebGL2RenderingContext, type: number, source: string): WebGLShader {
  const shader = gl.createShader(type);
  if (shader === null) throw new Error("WebGL2: no shader could be made (is the context lost?)");
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  return shader;
}

/** Compile and link; throws an Error with the driver's words when that fails. */
export function programOf(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const program = gl.createProgram();
  if (program === null) throw new Error("WebGL2: no program could be made (is the context lost?)");
  const shaders = [shaderOf(gl, gl.VERTEX_SHADER, vertex), shaderOf(gl, gl.FRAGMENT_SHADER, fragment)];
  for (const shader of shaders) gl.attachShader(program, shader);
  gl.linkProgram(program);
  const linked = gl.getProgramParameter(program, gl.LINK_STATUS) === true;
  const words = linked ? "" : [gl.getProgramInfoLog(program), ...shaders.map((s) => gl.getShaderInfoLog(s))];
  for (const shader of shaders) gl.deleteShader(shader);
  if (linked) return program;
  gl.deleteProgram(program);
  throw new Error(`WebGL2: the point program does not link: ${[...words].filter(Boolean).join("; ")}`);
}

/** Where a program keeps its uniforms, by name. */
export function uniformsOf<K extends string>(
  gl: WebGL2RenderingContext,
  program: WebGLProgram,
  names: readonly K[],
): Record<K, WebGLUniformLocation | null> {
  const found = names.map((name) => [name, gl.getUniformLocation(program, name)] as const);
  return Object.fromEntries(found) as Record<K, WebGLUniformLocation | null>;
}
