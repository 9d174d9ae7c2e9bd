"""What each check of the verifier means, for people who never saw a hash."""

from market.web.i18n import _

EXPLAINED: tuple[tuple[str, str, str], ...] = (
    ("V1", "清单与文件", "包里每个文件都和清单上的摘要一致，没有缺少，也没有被改动。"),
    ("V2", "该相信谁的签名", "日志的公钥和见证规则就是公开的那一份，签名是它们签的。"),
    ("V3", "公告在日志里", "公告写进了只增不改的公开日志，内容与格式都合规。"),
    ("V4", "冻结在日志里", "名单冻结记录也在日志里，排在公告之后，说的是同一次摇号。"),
    ("V5", "见证人在场", "冻结和放行都赶在公共随机数出现之前；有独立见证人签名时逐一核对。"),
    ("V6", "秘密数没有换过", "平台亮出的秘密数，指纹就是公告时公开的那个。"),
    ("V7", "名单没有动过", "名单排好序、没有重复，家数和根都与冻结记录一致。"),
    ("V8", "没有漏掉谁", "每一家报名都能在日志里找到，未被拒绝的一家不少。"),
    ("V9", "参与方贡献", "参与方如果提供了随机数，与事先的指纹相符。"),
    ("V10", "信标轮次", "用哪一轮公共随机数由公告的时间推出，没有人能挑选。"),
    ("V11", "随机数是真的", "随机数的签名用公共网络的公钥核验通过，只有这一个有效值。"),
    ("V12", "种子", "种子由公告、冻结和公共随机数算出，重算一致。"),
    ("V13", "排名", "每家的摇号数、名次、中选和候补全部重算一遍。"),
    ("V14", "公布的结果", "平台公布的结果和重算出来的一模一样。"),
    ("V15", "日志没有改写", "从冻结到现在，日志只有增加，没有改过。"),
    ("V16", "没有偷偷重来", "同一项目的摇号一次不少，作废的也在。"),
    ("V17", "摇号之后", "放弃、取消资格、递补都有封闭的理由、两人签名和公示期。"),
)


def explained() -> list[tuple[str, str, str]]:
    """Give code, title and explanation of every check."""
    return [(code, _(title), _(text)) for code, title, text in EXPLAINED]


FINDINGS: tuple[tuple[str, str], ...] = (
    (
        "keys come from the bundle itself",
        "公钥取自包内；请与日志的 /log/policy 或其他来源比对策略指纹",
    ),
    ("freeze lead is only", "冻结距信标的提前量只有几秒，演示用；正式环境至少 600 秒"),
    ("go lead is only", "放行距信标的提前量只有几秒，演示用；正式环境至少 60 秒"),
    ("no witness policy", "没有设见证人，时间只有平台自己作证"),
    ("演示信标", "随机数来自演示信标，不具公信力"),
    ("this attempt is void", "这次摇号已作废"),
    ("zip was packed by another program", "压缩包由其他程序打包，内容照常核验"),
    ("not in the bundle: ask the log", "日志较大，未全部装入包内，请直接向日志查询有无其他次数"),
    ("announced beacon was unavailable", "约定的信标没有出现，使用了公告中的备用信标"),
    ("external fact", "彩票号码是外部事实，请与官方公告比对"),
    ("depends on an earlier check", "前面的检查没有给出所需内容，这一项无法进行"),
    ("file is not in the bundle", "包里没有这个文件"),
)
"""How the details of common findings begin, and what they say; others are shown as they are."""


def finding_text(where: str, detail: str) -> str:
    """Say a finding in words, with its place in the bundle."""
    for start, text in FINDINGS:
        if detail.startswith(start):
            return f"{where}：{_(text)}"
    return f"{where}: {detail}"
