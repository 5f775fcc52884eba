import { describe, expect, it, vi } from "vitest";
import { GlSurface } from "./gl_points";

const UNMASKED = 0x9246;

/** A canvas whose WebGL2 says it is drawn by `renderer`. */
function canvasOf(renderer: string | null) {
  const loseContext = vi.fn();
  const gl = {
    RENDERER: 0x1f01,
    getExtension: (name: string) =>
      name === "WEBGL_debug_renderer_info" ? { UNMASKED_RENDERER_WEBGL: UNMASKED } : { loseContext },
    getParameter: (what: number) => (what === UNMASKED ? renderer : 4096),
  };
  const canvas = document.createElement("canvas");
  canvas.getContext = (() => (renderer === null ? null : gl)) as unknown as typeof canvas.getContext;
  return { canvas, loseContext };
}

describe("GlSurface.make", () => {
  it("gives none where there is no WebGL2", () => {
    expect(GlSurface.make(canvasOf(null).canvas)).toBeNull();
  });

  it.each([
    "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)",
    "llvmpipe (LLVM 15.0.7, 256 bits)",
    "ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11)",
    "Apple Software Renderer",
  ])("gives none where it is emulated, and gives the context back: %s", (renderer) => {
    const { canvas, loseContext } = canvasOf(renderer);
    expect(GlSurface.make(canvas)).toBeNull();
    expect(loseContext).toHaveBeenCalledOnce();
  });

  it("takes real graphics, and emulated ones when told to", () => {
    const real = canvasOf("ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11)");
    // Beyond the name this stand-in knows nothing of WebGL: that it is asked for more shows that it was taken.
    expect(() => GlSurface.make(real.canvas)).toThrow();
    expect(real.loseContext).not.toHaveBeenCalled();
    const emulated = canvasOf("SwiftShader");
    expect(() => GlSurface.make(emulated.canvas, true)).toThrow();
  });
});
