// What somebody who fills in a form reads; the same sentences as crates/forms/src/words.rs.

export const words = {
  null: "没有回答的题不要写 null，请去掉",
  unknownAnswer: "表单里没有这道题",
  notAnOption: "请从选项中选择",
  needsText: "请填文字",
  needsList: "请填多个选项",
  needsInteger: "请填整数",
  needsNumber: "请填数字",
  needsFen: "金额请按分填整数",
  needsDay: "请填日期，例如 2026-11-21",
  needsTime: "请填时间，例如 18:30",
  needsPlace: "请填位置（纬度和经度）",
  needsRows: "请按行填写",
  tooLong: "内容太长，请缩短",
  constraint: "填写的内容不符合要求，请检查",
} as const;
