"""What the pages of an agency's acts say."""

from market.orders.states import Move
from market.web.orders.acting import ActWords

ACCEPT = ActWords(
    title="接单",
    lead="接单后由经办人全程负责，材料清单随即发给申请人。",
    button="接单",
    done="已接单，材料清单已发给申请人。",
    move=Move.ACCEPTED,
    hints=(("handler_name", "申请人会看到经办人姓名。"),),
)
DECLINE = ActWords(
    title="不接单",
    lead="不接单时款项全额退回申请人，原因会告知申请人。",
    button="不接单，全额退款",
    done="已回复不接单，款项全额退回申请人。",
    kind="danger",
    move=Move.DECLINED,
)
SUSPEND = ActWords(
    title="挂起",
    lead="只限下列原因，到期自动恢复。人手不足、排队、内部审批不是挂起理由。挂起的次数和天数公开。",
    button="挂起",
    done="已挂起，承诺时限暂停计算。",
    move=Move.SUSPENDED,
    hints=(("note", "写明依据的条文、约定的日期，或需补正的完整清单。"),),
)
RESUME = ActWords(
    title="恢复办理",
    lead="恢复后承诺时限从现在起接着计算。",
    button="恢复办理",
    done="已恢复办理，承诺时限接着计算。",
    move=Move.RESUMED,
)
SUBMIT = ActWords(
    title="提交部门审批",
    lead="填写部门回执号后，机构停止计时，审批时间另行计算。",
    button="已提交部门",
    done="已登记提交，机构停止计时。",
    move=Move.SUBMITTED,
    hints=(("receipt_no", "部门受理通知书或网上回执上的编号。"),),
)
RETURNED = ActWords(
    title="登记部门退回",
    lead="按部门的书面意见逐条登记。机构责任的，整改免费，承诺时限接着计算。",
    button="登记退回",
    done="已登记退回意见，进入整改。",
    move=Move.RETURNED,
    hints=(("reasons", "一行一条。"),),
)
RESUBMIT = ActWords(
    title="整改后重新提交",
    lead="填写新的回执号，机构停止计时。",
    button="已重新提交",
    done="已登记重新提交。",
    move=Move.RESUBMITTED,
)
RESULT = ActWords(
    title="登记审批结果",
    lead="填写结果文号并上传结果文件，随后送达申请人。",
    button="登记结果",
    done="结果已登记，请送达申请人。",
    move=Move.RESULT_RECORDED,
    hints=(("document_no", "批复、许可证或报告的文号。"),),
)
REFUSED = ActWords(
    title="登记不予批准",
    lead="部门最终不予批准的，款项退回申请人。",
    button="登记不予批准",
    done="已登记，款项退回申请人。",
    kind="danger",
    move=Move.REFUSED,
    hints=(("reason", "照部门决定书上的理由填写。"),),
)
DELIVER_FILE = ActWords(
    title="电子送达",
    lead="申请人可下载成果文件，并在 10 天内确认。",
    button="电子送达",
    done="成果已电子送达，等待申请人确认。",
    move=Move.DELIVERED,
)
DELIVER_COURIER = ActWords(
    title="快递寄送",
    lead="由承运方上门取件，按申请人填写的地址寄送，签收后请申请人确认。",
    button="安排取件",
    done="已通知承运方取件，运单号稍后显示。",
    move=Move.DELIVERED,
)
DISPUTE = ActWords(
    title="提出争议",
    lead="提出后计时和款项都冻结，对方应在 5 个工作日内答复。",
    button="提出争议",
    done="争议已提出，款项和计时已冻结。",
    kind="danger",
    move=Move.DISPUTED,
)
WITHDRAW = ActWords(
    title="撤回争议",
    lead="撤回后订单从原来的环节继续。",
    button="撤回争议",
    done="争议已撤回，订单继续办理。",
    move=Move.DISPUTE_WITHDRAWN,
)
