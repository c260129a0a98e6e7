// Everything that has not gone, as one file that only the organisation can read. Nothing is deleted here.
import type { Field } from "../engine/field.ts";
import { base64, open, sealToRescue } from "../store/crypto.ts";

/** The format's name: the console looks for it. */
const FORMAT = "zoufang-rescue-1";

/** Offers the file; how many records are in it. */
export async function exportFile(field: Field, name: string): Promise<number> {
  const { enrolment } = field.state;
  if (!enrolment) return 0;
  const items = await field.sealedItems();
  const count = items.length;
  const key = await field.deviceKey();
  const photos = await field.db.blobs.where("state").notEqual("sent").toArray();
  for (const row of photos) {
    const { sha256, mime, role, visit_id, op_id } = row;
    const bytes = base64(new Uint8Array(await open(key, row)));
    items.push({
      op_id: row.id,
      sealed: await sealToRescue(enrolment.rescue_key, {
        blob: { sha256, mime, role, visit_id, op_id, bytes },
      }),
    });
  }
  const { device_id, unit_id } = enrolment;
  const text = JSON.stringify({ format: FORMAT, device_id, unit_id, items });
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
  return count;
}
