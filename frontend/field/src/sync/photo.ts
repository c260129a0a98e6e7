// A photo from the phone's camera: 1600 px at most, time and place written into it, JPEG.

const LONGEST = 1600;
const QUALITY = 0.8;

export interface Photo {
  bytes: ArrayBuffer;
  mime: "image/jpeg" | "image/png";
}

/** Width and height with the longer side at most `longest`. */
export function fit(width: number, height: number, longest = LONGEST): [number, number] {
  const scale = Math.min(1, longest / Math.max(width, height, 1));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

export async function shrink(file: Blob, lines: readonly string[]): Promise<Photo> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const [width, height] = fit(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const g = canvas.getContext("2d");
  if (!g) throw new Error("no canvas");
  g.drawImage(picture, 0, 0, width, height);
  picture.close();
  stamp(g, width, height, lines);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  // Gives the memory of a large canvas back at once.
  canvas.width = 0;
  if (!blob) throw new Error("no picture");
  return { bytes: await blob.arrayBuffer(), mime: "image/jpeg" };
}

/** White on a dark band at the foot: readable on any picture. */
function stamp(g: CanvasRenderingContext2D, width: number, height: number, lines: readonly string[]) {
  const size = Math.max(14, Math.round(Math.max(width, height) / 48));
  const line = Math.round(size * 1.4);
  const tall = line * lines.length + size;
  g.fillStyle = "rgba(0, 0, 0, 0.55)";
  g.fillRect(0, height - tall, width, tall);
  g.fillStyle = "#fff";
  g.font = `${size}px sans-serif`;
  g.textBaseline = "top";
  lines.forEach((text, i) => {
    g.fillText(text, size, height - tall + size / 2 + i * line, width - 2 * size);
  });
}
