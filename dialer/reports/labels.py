"""The words of the page, as data: key -> (English, Chinese). Codes without a label are shown as words of their own."""

from collections.abc import Mapping
from dataclasses import dataclass

from dialer.reports.more_labels import MORE

LANGUAGES = ("en", "zh")

LABELS: Mapping[str, tuple[str, str]] = {
    "report": ("Campaign report", "活动报告"),
    "kind.reminder": ("Reminder", "提醒"),
    "kind.promotion": ("Promotion", "推广"),
    "kind.sales": ("Sales", "销售"),
    "status.draft": ("Draft", "草稿"),
    "status.armed": ("Running", "进行中"),
    "status.paused": ("Paused", "已暂停"),
    "status.cancelled": ("Cancelled", "已取消"),
    "status.done": ("Finished", "已完成"),
    "generated": ("Generated", "生成时间"),
    "calls_between": ("Calls", "通话时间"),
    "no_calls_yet": ("No calls yet", "尚无通话"),
    "figure.talked": ("People reached", "接通真人"),
    "figure.positive": ("Positive results", "积极结果"),
    "figure.leads": ("Leads", "线索"),
    "figure.spend": ("Spent", "花费"),
    "of_dialled": ("of {count} dialled", "共拨打 {count} 人"),
    "of_talked": ("of {count} reached", "共接通 {count} 人"),
    "leads_split": ("{hot} hot, {warm} warm", "{hot} 热门，{warm} 一般"),
    "per_conversation": ("{amount} per conversation", "每次对话 {amount}"),
    "adds_up": ("All {rows} rows of the list are accounted for.", "名单中的 {rows} 行全部有归属。"),
    "adds_not_up": (
        "The buckets make {sum}, the files have {rows} rows: these figures cannot be trusted yet.",
        "分类合计 {sum}，文件共 {rows} 行：数字暂不可信。",
    ),
    "act_now": ("Act now", "立即跟进"),
    "act_now.none": ("Nothing is waiting for a person.", "暂无需要人工跟进的事项。"),
    "callback_due": ("Call back", "回电"),
    "overdue": ("overdue", "已逾期"),
    "by": ("by", "截止"),
    "as_soon_as_possible": ("as soon as possible", "尽快"),
    "redialled": ("The dialler rings again by itself at this time.", "系统将在此时间自动再次拨打。"),
    "said_at": ("at {time} in the call", "通话 {time} 处"),
    "no_quote": ("No words of the callee prove this.", "没有对方原话佐证。"),
    "score": ("Score", "评分"),
    "next_step": ("Next step", "下一步"),
    "answers": ("Answers", "回答"),
    "appointments": ("Appointments", "预约"),
    "warm": ("Warm leads", "一般线索"),
    "cold": ("Other leads", "其他线索"),
    "review": ("Needs review", "需要复核"),
    "check_first": ("check first: see Needs review", "请先核实：见需要复核"),
    "review.lead": ("A value is not proven by the callee's words", "有内容缺少对方原话佐证"),
    "review.cannot_tell": ("The conversation gave no clear result", "对话没有明确结果"),
    "review.unsettled": ("The carrier cannot tell what became of the call", "运营商无法确认通话结果"),
    "clean": ("Do not call again", "请勿再拨"),
    "clean.note": ("Take these out of your own lists too.", "请同时从您自己的名单中移除。"),
    "opt_out": ("Opted out", "拒绝来电"),
    "funnel": ("From list to result", "从名单到结果"),
    "step.loaded": ("Rows in the files", "文件行数"),
    "step.eligible": ("May be called", "可拨打"),
    "step.dialled": ("Dialled", "已拨打"),
    "step.answered": ("Answered by anything", "有应答"),
    "step.talked": ("Human reached", "接通真人"),
    "step.positive": ("Positive result", "积极结果"),
    "lost": ("Lost on the way", "流失"),
    "share": ("Share", "占比"),
    "small": ("few", "样本少"),
    "small.note": (
        "“few”: a share of fewer than {count}; read it as a hint, not as a rate.",
        "“样本少”：基数不足 {count}，仅供参考。",
    ),
    "outcomes": ("What people said", "对话结果"),
    "outcomes.unit": ("People", "人数"),
    "dispositions": ("How attempts ended", "拨打结果"),
    "dispositions.unit": ("Attempts", "次数"),
    "when": ("When people answered", "接听时段"),
    "when.unit": (
        "The callee's local time; the darker, the larger the share that a human took; dashed: few dials",
        "对方当地时间；颜色越深，真人接听占比越高；虚线：样本少",
    ),
    "when.no_zone": ("{count} dials are left out: the local time is not known.", "{count} 次拨打未计入：当地时间未知。"),
    "hour": ("Hour", "小时"),
    "weekday": ("Weekday", "星期"),
    "weekday.0": ("Monday", "周一"),
    "weekday.1": ("Tuesday", "周二"),
    "weekday.2": ("Wednesday", "周三"),
    "weekday.3": ("Thursday", "周四"),
    "weekday.4": ("Friday", "周五"),
    "weekday.5": ("Saturday", "周六"),
    "weekday.6": ("Sunday", "周日"),
    "dials": ("Dials", "拨打"),
    "talked": ("Human", "真人"),
    "as_table": ("The same as a table", "查看表格"),
    "speed": ("How fast we answered", "响应速度"),
    "speed.first": ("Answer to our first word", "接通到首句"),
    "speed.turn": ("End of speech to our reply", "对方说完到回应"),
    "speed.simulated": (
        "Simulated phones: these are times of a simulated clock, not of a telephone line.",
        "模拟电话：以下为模拟时钟的时间，并非真实线路的延迟。",
    ),
    "measured": ("Measured", "样本数"),
    "half": ("Half within", "50% 低于"),
    "p95": ("95 % within", "95% 低于"),
    "p99": ("99 % within", "99% 低于"),
    "highest": ("Slowest", "最慢"),
    "money": ("What it cost", "花费明细"),
    "money.total": ("Total", "总计"),
    "money.dial": ("Per dial", "每次拨打"),
    "money.conversation": ("Per conversation", "每次对话"),
    "money.lead": ("Per lead", "每条线索"),
    "money.budget": ("Budget", "预算"),
    "not_called": ("Not called, and why", "未拨打及原因"),
    "not_called.none": ("Everybody on the list was called.", "名单上的每个人都已拨打。"),
    "reason": ("Reason", "原因"),
    "attempts": ("Attempts", "拨打记录"),
    "capped": ("The first {shown} of {all}; all of them are in {file}.", "显示前 {shown} 条，共 {all} 条；完整数据见 {file}。"),
    "files": ("Files beside this page", "同目录文件"),
    "who": ("Who", "联系人"),
    "phone": ("Phone", "电话"),
    "result": ("Result", "结果"),
    "time": ("Time", "时间"),
    "what": ("What", "内容"),
    "words": ("Words", "原话"),
    "detail": ("Detail", "说明"),
    "talk": ("Talk", "时长"),
    "cost": ("Cost", "费用"),
    "count": ("Count", "数量"),
    "row": ("row {row}", "第 {row} 行"),
    "unknown_name": ("No name", "无姓名"),
    "attempt_of": ("no. {number}", "第 {number} 次"),
    "definitions": ("How to read this", "说明"),
    "definitions.rows": ("Each row of the files is in exactly one group.", "文件中的每一行只属于一个分类。"),
    "definitions.proof": (
        "A positive result counts only when the callee's own words for it stand in the transcript.",
        "只有记录中有对方原话的积极结果才计入。",
    ),
    "definitions.signs": (
        "“–” means unknown, 0 means none. Times are local to the person called unless UTC is named.",
        "“–”表示未知，0 表示没有。未注明 UTC 的时间均为对方当地时间。",
    ),
    "answer.true": ("yes", "是"),
    "answer.false": ("no", "否"),
    "pressed": ("Pressed {digit}", "按键 {digit}"),
    "grade.hot": ("Hot", "热门"),
    "grade.warm": ("Warm", "一般"),
    "grade.cold": ("Cold", "冷"),
    "bucket.rejected": ("Rejected row", "无效行"),
    "bucket.duplicate": ("Duplicate row", "重复行"),
    "bucket.updated": ("Corrects an earlier row", "更正之前的行"),
    "bucket.held": ("Held back", "暂缓"),
    "bucket.suppressed": ("On the do-not-call list", "在拒拨名单中"),
    "bucket.waiting": ("Waiting for a dial", "等待拨打"),
    "bucket.live": ("In a call now", "通话中"),
    "bucket.reached": ("Reached", "已接通"),
    "bucket.not_reached": ("Not reached", "未接通"),
    "bucket.unsettled": ("Unsettled", "待核实"),
    "bucket.blocked": ("Not allowed", "不允许拨打"),
    "bucket.cancelled": ("Cancelled", "已取消"),
    "disposition.answered_human": ("Human answered", "真人接听"),
    "disposition.voicemail": ("Voicemail", "语音信箱"),
    "disposition.voicemail_left": ("Voicemail, message left", "已留言"),
    "disposition.screened": ("Call screener", "来电筛选"),
    "disposition.ivr": ("Phone menu", "语音菜单"),
    "disposition.fax": ("Fax", "传真"),
    "disposition.no_answer": ("No answer", "无人接听"),
    "disposition.busy": ("Busy", "占线"),
    "disposition.rejected": ("Declined", "拒接"),
    "disposition.invalid_number": ("Number does not exist", "空号"),
    "disposition.carrier_failed": ("Carrier failed", "线路故障"),
    "disposition.voice_failed": ("Voice model failed", "语音模型故障"),
    "disposition.abandoned": ("Abandoned", "接通后无声"),
    "disposition.cancelled": ("Cancelled", "已取消"),
    "disposition.unknown": ("Unknown", "未知"),
    "disposition.blocked_dnc": ("Not dialled: do-not-call list", "未拨：拒拨名单"),
    "disposition.blocked_consent": ("Not dialled: no consent", "未拨：未获同意"),
    "disposition.blocked_hours": ("Not dialled: outside hours", "未拨：非允许时段"),
    "disposition.blocked_caps": ("Not dialled: called often enough", "未拨：达到次数上限"),
    "disposition.blocked_budget": ("Not dialled: budget used up", "未拨：预算用完"),
    "disposition.expired": ("Not dialled: too late", "未拨：已过期"),
    "outcome.interested": ("Interested", "有兴趣"),
    "outcome.not_interested": ("Not interested", "没有兴趣"),
    "outcome.callback": ("Wants a callback", "要求回电"),
    "outcome.appointment_confirmed": ("Appointment confirmed", "预约已确认"),
    "outcome.appointment_moved": ("Appointment moved", "预约已改期"),
    "outcome.appointment_cancelled": ("Appointment cancelled", "预约已取消"),
    "outcome.appointment_booked": ("Appointment booked", "已预约"),
    "outcome.sale": ("Sale", "成交"),
    "outcome.transferred": ("Transferred to a person", "已转人工"),
    "outcome.wrong_person": ("Wrong person", "非本人"),
    "outcome.wrong_number": ("Wrong number", "号码错误"),
    "outcome.gatekeeper": ("Somebody else answered", "他人接听"),
    "outcome.language_barrier": ("Language barrier", "语言不通"),
    "outcome.hung_up_early": ("Hung up early", "提前挂断"),
    "outcome.do_not_call": ("Do not call", "拒绝来电"),
    "outcome.cannot_tell": ("Cannot tell", "无法判断"),
    **MORE,
}


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of one language; unknown languages read English."""

    language: str

    @property
    def html_language(self) -> str:
        """The ``lang`` of the page."""
        return "zh-Hans" if self._column else "en"

    @property
    def is_chinese(self) -> bool:
        """True when dates are written the Chinese way."""
        return bool(self._column)

    @property
    def _column(self) -> int:
        return LANGUAGES.index("zh") if self.language.startswith("zh") else 0

    def __call__(self, key: str, **values: object) -> str:
        """The label of ``key`` with its values filled in; the last part of an unknown key, as words."""
        pair = LABELS.get(key)
        if pair is None:
            return key.rpartition(".")[2].replace("_", " ")
        return pair[self._column].format(**values) if values else pair[self._column]

    def reason(self, code: str) -> str:
        """The label of a reason for not calling: a bucket, a disposition, or a code of its own."""
        known = (f"{family}.{code}" for family in ("bucket", "disposition") if f"{family}.{code}" in LABELS)
        label = self(next(known, code))
        return label[:1].upper() + label[1:]
