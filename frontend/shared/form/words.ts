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

export type RuleUse = "relevant" | "required" | "constraint";
type RowWords = Record<
  | "answered"
  | "unanswered"
  | "is"
  | "is_not"
  | "any_of"
  | "none_of"
  | "includes"
  | "excludes"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "size_le"
  | "size_ge",
  (field: string, value: string) => string
>;

interface RuleWords {
  mark: (text: string) => string;
  bracket: (text: string) => string;
  yuan: (amount: number) => string;
  today: string;
  listed: string;
  and: string;
  or: string;
  use: Record<RuleUse, (clause: string) => string>;
  always: Record<RuleUse, string>;
  row: RowWords;
}

/** A rule as a sentence, for the designer and the version history. */
export const ruleWords: { zh: RuleWords; en: RuleWords } = {
  zh: {
    mark: (text) => `［${text}］`,
    bracket: (text) => `（${text}）`,
    yuan: (amount) => `${amount} 元`,
    today: "今天",
    listed: "、",
    and: "，而且",
    or: "，或者",
    use: {
      relevant: (clause) => `当${clause}时显示`,
      required: (clause) => `当${clause}时必填`,
      constraint: (clause) => `要求${clause}`,
    },
    always: { relevant: "总是显示", required: "必填", constraint: "没有限制" },
    row: {
      answered: (f) => `${f}已回答`,
      unanswered: (f) => `${f}没有回答`,
      is: (f, v) => `${f}是${v}`,
      is_not: (f, v) => `${f}不是${v}`,
      any_of: (f, v) => `${f}是${v}之一`,
      none_of: (f, v) => `${f}不是${v}中的任何一个`,
      includes: (f, v) => `${f}包含${v}`,
      excludes: (f, v) => `${f}不包含${v}`,
      lt: (f, v) => `${f}小于 ${v}`,
      le: (f, v) => `${f}不超过 ${v}`,
      gt: (f, v) => `${f}大于 ${v}`,
      ge: (f, v) => `${f}至少 ${v}`,
      size_le: (f, v) => `${f}最多 ${v} 个`,
      size_ge: (f, v) => `${f}至少 ${v} 个`,
    },
  },
  en: {
    mark: (text) => `[${text}]`,
    bracket: (text) => `(${text})`,
    yuan: (amount) => `${amount} yuan`,
    today: "today",
    listed: ", ",
    and: " and ",
    or: " or ",
    use: {
      relevant: (clause) => `Shown when ${clause}`,
      required: (clause) => `Required when ${clause}`,
      constraint: (clause) => `Must hold: ${clause}`,
    },
    always: { relevant: "Always shown", required: "Required", constraint: "No limit" },
    row: {
      answered: (f) => `${f} is answered`,
      unanswered: (f) => `${f} is not answered`,
      is: (f, v) => `${f} is ${v}`,
      is_not: (f, v) => `${f} is not ${v}`,
      any_of: (f, v) => `${f} is one of ${v}`,
      none_of: (f, v) => `${f} is none of ${v}`,
      includes: (f, v) => `${f} includes ${v}`,
      excludes: (f, v) => `${f} does not include ${v}`,
      lt: (f, v) => `${f} is below ${v}`,
      le: (f, v) => `${f} is at most ${v}`,
      gt: (f, v) => `${f} is above ${v}`,
      ge: (f, v) => `${f} is at least ${v}`,
      size_le: (f, v) => `${f} has at most ${v}`,
      size_ge: (f, v) => `${f} has at least ${v}`,
    },
  },
};
