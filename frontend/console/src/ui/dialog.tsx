// A dialog with a form: fields below, the server's refusal above the buttons, closed only when it is done.
import { ApiError } from "@zoufang/shared/api/client.ts";
import { Button, Form, type FormInstance, Modal } from "antd";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useWords } from "../session.ts";
import { ErrorBox } from "./states.tsx";

const OPEN_LIST =
  ".ant-select-dropdown:not(.ant-select-dropdown-hidden), .ant-picker-dropdown:not(.ant-picker-dropdown-hidden)";

export function FormDialog<V extends object>({
  title,
  open,
  onClose,
  onSubmit,
  initial,
  ok,
  danger,
  width,
  children,
}: {
  title: string;
  open: boolean;
  onClose: () => void;
  onSubmit: (values: V) => Promise<unknown>;
  initial?: Partial<V>;
  ok?: string;
  danger?: boolean;
  width?: number;
  children?: ReactNode | ((form: FormInstance<V>) => ReactNode);
}) {
  const w = useWords();
  const [form] = Form.useForm<V>();
  // Several dialogs wait on one page; their fields must not share the ids that labels point to.
  const name = useId();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  // Only opening counts: a parent that renders again must not undo what was typed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    if (!open) return;
    setError(null);
    form.resetFields();
    // The caller gives plain values of its own fields; antd asks for its store type.
    if (initial) form.setFieldsValue(initial as Parameters<typeof form.setFieldsValue>[0]);
  }, [open, form]);

  // The library forgets the Escape key for all but some of the dialogs of a page. An open list of choices goes first.
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    if (!open) return;
    const press = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
      if (!document.querySelector(OPEN_LIST)) close.current();
    };
    document.addEventListener("keydown", press, true);
    return () => document.removeEventListener("keydown", press, true);
  }, [open]);

  const submit = async (values: V) => {
    setBusy(true);
    setError(null);
    try {
      await onSubmit(values);
      onClose();
    } catch (cause) {
      setError(cause);
      if (cause instanceof ApiError) markFields(form, cause);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal
      title={title}
      open={open}
      onCancel={onClose}
      footer={null}
      width={width ?? 560}
      destroyOnHidden
      forceRender
    >
      <Form
        form={form}
        name={name}
        layout="vertical"
        onFinish={submit}
        requiredMark={false}
        scrollToFirstError
      >
        {typeof children === "function" ? children(form) : children}
        <ErrorBox error={error} />
        <div className="dialog-foot">
          <Button onClick={onClose}>{w.common.cancel}</Button>
          <Button type="primary" danger={danger ?? false} htmlType="submit" loading={busy}>
            {ok ?? w.common.save}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

function markFields<V>(form: FormInstance<V>, error: ApiError) {
  const known = new Set(Object.keys(form.getFieldsValue(true) as object));
  form.setFields(
    error.fields
      .filter((f) => known.has(f.field))
      .map((f) => ({ name: f.field, errors: [f.message] })) as unknown as Parameters<
      typeof form.setFields
    >[0],
  );
}
