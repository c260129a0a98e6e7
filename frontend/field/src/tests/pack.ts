// A day for the fake server: a program, its form, five households and one village group. Nobody in it exists.

import form from "../../../../packs/household-visit/forms/household-visit.json" with { type: "json" };

export interface FakeItem {
  kind: string;
  id: string;
  unit_id: string;
  rev: number;
  op: "put" | "gone";
  data: unknown;
}

const UNIT = "0190a000-0000-7000-8000-000000000001";
const id = (n: number) => `0190a000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const NAMES = ["王测一", "李测二", "张测三", "陈测四", "刘测五"];
const GROUP = "青山村一组";

export const PROGRAM = id(10);
export const GROUP_ID = id(20);

export function demoItems(today: string): FakeItem[] {
  const item = (kind: string, name: string, data: unknown): FakeItem => ({
    kind,
    id: name,
    unit_id: UNIT,
    rev: 1,
    op: "put",
    data,
  });
  const program = item("program", PROGRAM, {
    title: "测试项目",
    state: "started",
    first_day: "2000-01-01",
    last_day: "2099-12-31",
    quota_per_day: 20,
    outcomes: [
      { code: "self", label: "见到本人", counts: true },
      { code: "family", label: "见到家人", counts: true },
      { code: "absent", label: "不在家", counts: false },
      { code: "refused", label: "婉拒", counts: false },
    ],
    scripts: [{ role: "visitor", title: "开场", text: "您好，我是支行的员工，这是我的工作证。" }],
    materials: [{ code: "leaflet", name: "宣传单", per_customer_cap: 2 }],
    notice: "我们只记姓名、电话和住址，用来和您联系。",
    form_id: form.id,
    form_version: form.version,
    places: [
      { code: "small_shop", label: "小商店" },
      { code: "rural_service_station", label: "三农服务站" },
    ],
  });
  const stop = (n: number, household: string | null) =>
    item("stop", id(100 + n), {
      day: today,
      program_id: PROGRAM,
      kind: household ? "precise" : "first",
      route_id: id(30),
      team: "A",
      seq: n,
      arrive: 8 * 60 + 30 + n * 12,
      leave: 8 * 60 + 40 + n * 12,
      lat: 30.5 + n * 0.004 * (n % 2 ? 1 : -1),
      lon: 114.3 + n * 0.006,
      approximate: n === 3,
      target_id: household ? id(300 + n) : null,
      household_id: household,
      village_group_id: GROUP_ID,
      households: household ? null : 35,
      must: n === 1,
      members: [
        { id: id(41), name: "赵玉梅" },
        { id: id(42), name: "孙建军" },
      ],
    });
  const households = NAMES.map((name, i) =>
    item("household", id(200 + i), {
      name,
      address: `${GROUP}${i + 1}号`,
      village_group_id: GROUP_ID,
      village_group: GROUP,
      lat: 30.5 + i * 0.002,
      lon: 114.3 + i * 0.003,
      approximate: false,
      members: [
        {
          customer_id: id(400 + i),
          name,
          phone_masked: "139****5566",
          lead: true,
          missing: i === 1 ? ["phone"] : [],
        },
      ],
      reasons: i === 0 ? ["有到期事项"] : ["存量老客户"],
      products: ["绿卡"],
      do_not_visit: false,
      history: i === 0 ? [{ day: "2026-10-01", outcome: "self", by: "孙建军" }] : [],
    }),
  );
  const group = item("village_group", GROUP_ID, {
    name: GROUP,
    village: "青山村",
    township: "临江镇",
    lat: 30.5,
    lon: 114.3,
    traces: [],
  });
  const stops = [...households.map((h, i) => stop(i + 1, h.id)), stop(6, null)];
  return [program, item("form", `${form.id}@${form.version}`, form), group, ...households, ...stops];
}
