# 问题、问题通报、整改通知单

# 进度
stage-reported = 待立案
stage-filed = 待派遣
stage-dispatched = 待整改
stage-rectified = 待复查
stage-closed = 已结案
stage-declined = 不予立案

# 四针：发现 · 通报 · 整改 · 复查
stitch-found = 发现
stitch-circular = 通报
stitch-rectify = 整改
stitch-reinspect = 复查

# 步骤
step-report = 上报
step-amend = 更正
step-file = 立案
step-decline = 不予立案
step-dispatch = 派遣
step-ask_hand_back = 申请退回
step-accept_hand_back = 同意退回
step-refuse_hand_back = 不同意退回
step-rectify = 提交整改
step-pass = 复查通过，结案
step-fail = 复查不通过，返工
step-urge = 催办

who-finder = 发现人
who-centre = 城市管理中心
who-unit = 责任单位
who-reinspector = 复查人
who-community = 属地社区

# 来源
source-inspection = 巡查发现
source-call = 来电
source-resident = 群众反映
source-unit = 单位上报
source-community = 社区上报
source-import = 导入

# 灯
lamp-green = 时限内
lamp-yellow = 即将到期
lamp-red = 已超时
lamp-centre-left = 中心办理剩 { $span }
lamp-centre-over = 中心已超时 { $span }
lamp-unit-left = 整改剩 { $span }
lamp-unit-over = 单位超时 { $span }
lamp-none = 未定时限
lamp-closed = 已结案
lamp-closed-late = 已结案（曾超时）

# 不予立案的理由
decline-not_real = 现场核实不属实
decline-duplicate = 重复上报
decline-outside_area = 不在本辖区
decline-already_mended = 已经整改
decline-other = 其他

# 申请退回的理由
hand_back-not_ours = 不属本单位职责
hand_back-not_our_area = 不在本单位管理范围
hand_back-not_found = 现场未发现
hand_back-needs_other = 需其他部门先行办理
hand_back-other = 其他

# 结果
outcome-rectified = 完成整改
outcome-on_time = 按期完成
outcome-late = 曾超时
outcome-rework = 有返工
outcome-remaining = 尚未完成

kind-open = 办理中
kind-ended = 已办结
kind-found = 本期发现
kind-dispatched = 本期通报

# 出错时
error-case-stale = 这件问题刚刚有人办理过，您的操作没有生效。您填写的内容还在，请看过最新情况后再提交。
error-case-wrong_stage = 这件问题已不在这一步，不能这样办理。请刷新查看当前进度。
error-case-no_unit = 请选择责任单位。
error-case-unit_unknown = 没有这个名称的单位，或有几个单位名称相近，请从列表中选定。
error-centre-limit_bounds = 请填写 { $least } 到 { $most } 之间的数，时限最多一位小数。
error-case-no_deadline = 该类别没有规定时限，请填写整改时限。
error-case-no_category = 请选择问题类别。
error-case-deadline-past = 整改时限已经过去，请填写今后的时间。
error-case-deadline-out_of_range = 时限超出可计算的范围，请重新填写。
error-case-photo_needed = 请至少上传一张现场照片。
error-case-reason_needed = 请选择理由。
error-case-words_needed = 请填写情况说明。
error-case-outside_known = 这个外部编号已登记在第 { $number } 号案件，请打开该案件，或更正编号。
error-case-words_too_long = 最多 { $max } 字，请精简后再提交。
error-case-place_needed = 请选择地点（社区、小区或楼院）。
error-case-what_needed = 请填写发现了什么问题。
error-case-bad_time = 时间格式不对，请按“2026-01-31 17:30”填写。
error-case-too_many_photos = 最多 { $max } 张照片。
error-case-reinspect-own_work = 不得复查自己或本单位的整改，请由其他人员复查。
error-circular-not_open = 这期通报已经下发或撤销，不能再放入问题。
error-circular-empty = 这期通报还没有问题，不能下发。
error-circular-not_ready = 还有 { $count } 处问题缺少责任单位、类别或时限，未下发任何一处。请补齐后再下发。
error-circular-too_many = 一期通报的问题太多，请分两期下发。
error-circular-title_needed = 请填写通报名称。
thread-label-rework = { $stage }，返工 { $n } 次
case-no-category = 待定类别


# 导航
nav-todo = 待整改
nav-cases = 问题
nav-report = 登记问题
nav-circulars = 问题通报
nav-summary = 总览
nav-limits = 办理时限
nav-help = 办理步骤

# 办理完成
done-report = 已上报
done-amend = 已更正
done-file = 已立案
done-decline = 已作不予立案
done-dispatch = 已派遣，整改通知单已生成
done-ask_hand_back = 已申请退回，请等待答复
done-accept_hand_back = 已同意退回
done-refuse_hand_back = 已答复不同意退回
done-rectify = 已提交整改，等待复查
done-pass = 复查通过，已结案
done-fail = 已退回返工
done-urge = 已催办
done-reported = 已登记
done-reported-circular = 已放入本期通报，可以接着登记下一处
done-circular-opened = 已开通报，可以放入问题了
done-circular-issued = 通报已下发，各单位时限开始计算
done-told = 已记录电话告知
done-limits = 已保存，今后的计时按新时限

# 办理过程
fact-case-reported = 上报
fact-case-amended = 更正
fact-case-filed = 立案
fact-case-declined = 不予立案
fact-case-dispatched = 下发整改通知单
fact-case-hand_back_asked = 申请退回
fact-case-hand_back_accepted = 同意退回
fact-case-hand_back_refused = 不同意退回
fact-case-rectified = 提交整改
fact-case-passed = 复查通过，结案
fact-case-failed = 复查不通过，返工
fact-case-urged = 催办
fact-case-deadline_recounted = 按新公布的放假安排重算时限
fact-case-imported = 导入
detail-dispatched = { $unit }，限期 { $due }
detail-failed = 第 { $n } 次返工，新时限 { $due }
detail-rectified = 第 { $n } 次
detail-rectified-late = 第 { $n } 次，已超时
by-system = 系统

# 列表
worklist-title = 问题
worklist-all-open = 全部在办
worklist-empty = 没有问题
worklist-empty-filtered = 换一个条件，或清除条件再看。
worklist-empty-help = 这里列出您能看到的全部问题。
filter-stage = 进度
filter-lamp = 时限
filter-community = 社区
filter-unit = 责任单位
filter-outcome = 结果
filter-any = 全部
filter-apply = 查询
filter-clear = 清除条件
filter-period = { $from } 至 { $to }
th-number = 编号
th-problem = 问题与地点
th-unit = 责任单位
th-progress = 进度
th-lamp = 时限
tag-rework = 返工 { $n } 次

# 问题
case-title = 问题
case-number = 问题 { $number }
before-after = 整改前后
no-photos = 还没有照片。
photo-before = 整改前
photo-after = 整改后
photo-reinspection = 复查
photo-of-step = 现场照片
photo-album = 相册照片·时间未核
photo-located = 有定位
photo-found-at = 发现时 { $at }
timeline-title = 办理过程
facts-title = 基本情况
open-notice = 查看通知单
deadline-set-by-clerk = 由派遣员确定的时限
deadline-counted-before = 按计时开始时的工作时间和放假安排计算，此后的调整不使时限提前
reinspect-title = 待您复查
reinspect-on-spot = 请到现场复查并拍照。整改单位不得复查本单位的整改。
reinspect-sampled = 本处被随机抽中，请到现场复查并拍照。整改单位不得复查本单位的整改。
reinspect-from-photos = 可以根据整改照片复查；抽查的请到现场。整改单位不得复查本单位的整改。
confirm-reinspect = 提交后进入下一步，不能收回。确认提交吗？
confirm-decline = 不予立案后不能恢复。确认吗？
confirm-issue = 将下发 { $count } 处问题，各单位时限立即开始计算。确认下发吗？
hand-back-title = 单位申请退回
rework-reason = 上次未通过：
hand-back-refused = 不同意退回
file-help = 确认类别与地点无误后立案，再派遣责任单位。

# 表单
field-before-photos = 现场照片（最多 6 张）
field-after-photos = 整改后照片（最多 6 张）
field-spot-photos = 复查照片
field-place = 地点
field-where = 具体位置
field-where-example = 如：3 号楼东侧消防通道
field-category = 问题类别
field-category-example = 输入文字、拼音首字母或代码
field-what = 问题描述
field-what-done = 整改情况
field-finding = 现场情况
field-new-due = 新的整改时限（退回返工时填写）
field-new-due-help = 不填则按类别时限重新计算。
field-due = 整改时限
field-unit = 责任单位
field-assisting = 协办单位
field-reason = 理由
field-words = 说明
field-answer = 答复说明
field-circular = 放入通报
field-source = 问题来源
field-outside = 外部编号
due-needed = 该类别没有规定时限，请填写。
due-by-category = 不填则按类别时限计算。
unit-as-proposed = 按责任分工建议
report-new = 登记问题
report-help = 拍照、选地点和类别，一步完成。
report-more = 更多：责任单位、时限、来源
place-whole = { $name }（全社区）
proposed-unit = 建议责任单位：{ $unit }
proposed-limit = 时限：{ $limit }
no-proposal = 没有找到责任单位，请手工选择。
proposal-choose-place = 请先选择地点。

# 问题通报
circulars-title = 问题通报
circulars-help = 一期通报通常是一轮巡查发现的问题，一次下发。
circulars-empty = 还没有通报
circulars-empty-help = 开一期通报，巡查发现的问题就可以直接放入。
circular-open-new = 新开一期通报
circular-title-field = 通报名称
circular-open-button = 开始
circular-th-name = 通报
circular-th-state = 状态
circular-th-at = 时间
circular-state-open = 编制中
circular-state-issued = 已下发
circular-name = 第 { $number } 期 { $title }
circular-none = 不放入通报
circular-add = 放入问题
circular-issue = 下发整期通报
circular-open-words = 已放入 { $cases } 处，{ $lacking } 处待补齐
circular-issued-words = { $at } 下发 · 共 { $cases } 处 · 已完成整改 { $rectified } 处
circular-empty = 还没有放入问题
circular-empty-help = 巡查员登记问题时选择这期通报，问题就会出现在这里。
circular-group-count = { $count } 处
circular-no-community = 未定社区
circular-take-out = 移出本期
circular-parts = 本期问题
circular-all = 全部
circular-lacking = 待补齐
circular-complete = 没有待补齐的问题
circular-complete-help = 各处问题都已具备责任单位、类别和时限，可以下发。
circular-add-category = 去补充类别
circular-case-not-saved = 有一处没有保存，请看下面标出的内容；您填写的还在。
unit-placeholder = 输入名称或选择

# 整改通知单
notices-title = 整改通知单
notice-title = 整改通知单
notice-name = 整改通知单 第 { $number } 号
notice-words = { $issued } 下发，限期 { $due }
notice-done = 已办结 { $done } / { $all }
notice-th-done = 办结
notice-th-due = 限期
notice-th-seen = 查看情况
notice-th-text = 群消息与文书
notice-opened = { $at } 已查看
notice-told = { $at } 电话告知
notice-unseen = 尚未查看
notice-tell = 记电话告知
notice-text = 复制群消息
chat-head = 【整改通知】{ $unit }：{ $circular }，整改通知单第 { $number } 号，共 { $count } 处，请按期整改并上传照片。
chat-line = { $i }. { $place }：{ $category }，限 { $due } 前
chat-link = 查看和提交：{ $link }

# 待整改
todo-title = 待整改
todo-count = 待整改 { $count } 处
todo-empty = 没有待整改的问题
todo-empty-help = 新的整改通知单下发后会出现在这里。
todo-assisted = 协办
todo-submitted = 已提交，等待复查
todo-more = 待办较多，这里只列出时限最近的，全部请看问题列表
card-due = 限 { $due } 前
card-rework = 第 { $n } 次整改

# 总览
summary-title = 总览
summary-from = 自
summary-to = 至
summary-bad-period = 起止日期不对，已按本月显示。
summary-found = 发现（处）
summary-in-circulars = 通报问题（处）
summary-rectified = 完成整改（处）
summary-rectified-rate = 完成整改（处）· { $rate }
summary-on-time = 按期（处）
summary-on-time-rate = 按期（有期限 { $of } 处中）· { $rate }
summary-remaining = 尚未完成（处）
summary-rework = 返工（处）
summary-rate = 完成整改率
summary-th-name = 名称
summary-by-community = 各社区
summary-by-unit = 各责任单位
summary-total = 合计
summary-elsewhere = 未定社区
summary-no-unit = 未定单位
summary-empty = 这段时间没有问题
summary-empty-help = 换一段日期再看。
limits-title = 办理时限
limits-words = 中心自己各步的时限，以及各类时限何时亮黄灯。出厂为示例，请按本地规定修改；已经在计时的不变。
limits-file = 立案（工作小时）
limits-file-help = 从发现到立案，或到所在通报下发。
limits-dispatch = 派遣（工作小时）
limits-dispatch-help = 从立案到派遣给责任单位。
limits-reinspect = 复查（工作小时）
limits-reinspect-help = 从单位提交整改到复查。
limits-yellow = 亮黄灯（百分比）
limits-yellow-help = 时限过去这么多时，灯由绿变黄；单位的时限也按此。
detail-recounted = 时限改为 { $due }
detail-sampled = 被抽中现场复查

# 办理步骤
help-title = 办理步骤
help-words = 每件问题按下表一步一步办理；提交整改后由中心复查，复查通过才算完成整改。
help-components = 界面组件
help-from = 从
help-step = 步骤
help-who = 由谁
help-to = 到
error-case_import-mapping = 字段对照文件有误：{ $detail }
error-case_import-no_column = 数据文件没有“{ $column }”一列；请核对字段对照文件。
error-case_import-not_a_table = 数据文件不是可读的 CSV 或 XLSX 表格。{ $detail }
error-case_import-encoding = 数据文件不是 { $encoding } 编码；请在字段对照文件中写明 encoding。

# 文书
paper-number = 〔{ $year }〕第{ $number }期
paper-part = 第{ $part }张，共{ $of }张
paper-date = { $year }年{ $month }月{ $day }日
paper-day = 巡查时间：{ $day }
paper-period = 巡查时间：{ $from }至{ $to }
paper-addressees = 各社区，各责任单位：
paper-circular-intro = 本期巡查发现并通报问题{ $problems }处，涉及{ $communities }个社区、{ $units }个责任单位。现将有关情况通报如下。
paper-circular-closing = 请各责任单位在时限内完成整改并提交整改照片，由社区督促、办公室复查；复查合格方为完成整改。对责任有异议的，可在系统中申请退回并说明理由。
paper-deadlines = 以所列各项为准，最迟 { $last }
paper-notice-intro = 经巡查，你单位负责范围内有{ $problems }处问题需要整改，具体如下：
paper-notice-closing = 请在时限内完成整改，扫描上方二维码提交整改照片和说明；提交后由办公室安排复查。不属于你单位职责的，请说明理由申请退回。
paper-as-pdf = 通报 PDF
paper-as-docx = 通报 DOCX
paper-as-picture = 通报长图
error-circular-not_issued = 通报下发后才有期号和时限，请先下发再打印。
notice-as-pdf = 通知单 PDF
draft-as-pdf = 送审稿 PDF
draft-as-docx = 送审稿 DOCX
paper-draft = （送审稿，下发时编号）
paper-limit = 下发起{ $limit }
notice-as-docx = 通知单 DOCX
sheet-as-pdf = 反馈表 PDF
sheet-as-docx = 反馈表 DOCX
field-assisting-n = 协办单位{ $n }
field-assisting-due = 协办单位{ $n }的时限
field-assisting-help = 协办单位可有自己的时限，留空则与责任单位相同。计时与考核只算责任单位。
error-case-assist_twice = 协办单位不能与责任单位或另一协办单位相同，请另选。
error-case-place_elsewhere = 这个地点不在您负责的范围内，请改选您辖区内的地点，或请中心登记。

# 进度（续）
stage-verifying = 待核实
stage-transferred = 已移交
stage-merged = 已并案
stage-void = 已作废

# 步骤（续）
step-mend_on_spot = 立行立改
step-self_check = 自查自改
step-split = 拆分
step-ask_verify = 转核实
step-verify = 提交核实结果
step-merge = 并案
step-transfer = 移交
step-take_back = 收回
step-answer_transfer = 登记答复，转复查
step-assign_finally = 指定责任单位
step-ask_extension = 申请延期
step-grant_extension = 同意延期
step-refuse_extension = 不同意延期
step-ask_hold = 申请挂账
step-grant_hold = 同意挂账
step-refuse_hold = 不同意挂账
step-renew_hold = 延长挂账
step-resume = 解除挂账，恢复计时
step-fail_transfer = 复查不通过，退回移交单位
step-supervise = 督办
step-ask_void = 申请作废
step-consent_void = 同意作废
step-refuse_void = 不同意作废
step-dispute = 提出异议
step-uphold_dispute = 异议成立，重新整改
step-refuse_dispute = 异议不成立
step-sample_check = 提交抽查结果
who-inspector = 巡查人
who-verifier = 核实人
who-leader = 领导

# 灯（续）
lamp-verifier-left = 核实剩 { $span }
lamp-verifier-over = 核实超时 { $span }
lamp-outside-left = 移交单位剩 { $span }
lamp-outside-over = 移交单位超时 { $span }
lamp-held = 挂账至 { $until }

# 选项和标记
hold-season = 季节原因
hold-repair_fund_vote = 维修资金表决
hold-project_funds = 立项、资金审批
hold-ownership = 权属未明
hold-litigation = 涉诉
receiver-enforcement = 综合执法
receiver-district_platform = 区平台
receiver-department = 行业主管部门
receiver-owner = 权属单位
verdict-real = 属实
verdict-not_real = 不属实
verified-real = 核实属实
verified-not_real = 核实不属实
apart-mended_on_spot = 立行立改
apart-self_check = 自查自改
apart-merged = 已并案
apart-void = 已作废
sampled-waiting = 待抽查
sampled-good = 合格
sampled-not_good = 不合格
tag-ask-hand_back = 申请退回
tag-ask-extension = 申请延期
tag-ask-hold = 申请挂账
tag-ask-void = 申请作废
tag-ask-dispute = 有异议
tag-supervised = 督办
tag-final = 已指定，不得再退
kind-asked = 待答复的申请
kind-samples = 待抽查
kind-apart = 另行统计
worklist-asked = 待答复
worklist-held = 挂账
worklist-supervised = 督办
worklist-samples = 待抽查

# 错误（续）
error-case-already_asked = 已有一项申请在等待答复，请等答复后再提。
error-case-not_asked = 没有待答复的这项申请，可能已有人答复。请刷新页面查看。
error-case-hand_back-too_late = 已过可申请退回的时限。确有困难的，请申请延期或与中心联系。
error-case-hand_back-final = 领导已指定由本单位负责，不得再退。
error-case-hand_back-leader_assigns = 这是第二次申请退回，由领导指定责任单位。
error-case-hand_back-centre_answers = 这是第一次申请退回，由中心答复。
error-case-extension-too_late = 限期已过，不能再申请延期。请尽快整改并提交。
error-case-extension-no_more = 已延期两次，不能再延。
error-case-extension-bounds = 新限期须晚于现限期，且一次延期不得超过原时限。请另选时间。
error-case-hold-already = 正在挂账，不必再申请。
error-case-hold-none = 现在没有挂账。请刷新页面查看。
error-case-hold-bounds = 挂账须到今后的一天，最长一年；延长须晚于现在的挂账日期。请另选时间。
error-case-dispute-once = 已经提过一次异议，不能再提。
error-case-dispute-too_late = 已过可提异议的时限。问题仍在的，请重新上报。
error-case-dispute-no_unit = 这个问题不是由本街道单位整改的，不能提异议。问题仍在的，请重新上报。
error-case-no_verifier = 请选择核实人。
error-case-verify-not_yours = 这项核实交给了别人，由核实人或中心填写。
error-case-merge-no_target = 没有这个编号的问题，或它已作废、不予立案、并入别案。请核对编号。
error-case-step_off = 本单位没有启用这个环节。
error-case-parts_needed = 请至少填写一处拆分的问题。
error-case-sample-none = 这里没有待抽查的内容，可能已有人抽查。

# 已完成（续）
done-split = 已拆分
done-ask_verify = 已转核实
done-verify = 核实结果已提交
done-merge = 已并案
done-transfer = 已移交
done-take_back = 已收回，请重新派遣
done-answer_transfer = 答复已登记，等待复查
done-assign_finally = 已指定
done-ask_extension = 已申请延期，请等待答复；答复前限期照计
done-grant_extension = 已同意延期
done-refuse_extension = 已答复不同意延期
done-ask_hold = 已申请挂账，请等待领导答复；答复前限期照计
done-grant_hold = 已同意挂账，暂停计时
done-refuse_hold = 已答复不同意挂账
done-renew_hold = 挂账已延长
done-resume = 已恢复计时
done-fail_transfer = 已退回移交单位
done-supervise = 已列入督办
done-ask_void = 已申请作废，请等待领导答复
done-consent_void = 已作废
done-refuse_void = 已答复不同意作废
done-dispute = 异议已提交，请等待答复
done-uphold_dispute = 异议成立，已退回重新整改
done-refuse_dispute = 已答复异议不成立
done-sample_check = 抽查结果已提交
done-mended = 已登记
done-desks = 已保存

# 办理过程（续）
fact-case-mended_at_once = 发现并已整改
fact-case-sample_checked = 抽查
fact-case-split = 拆分
fact-case-verification_asked = 转核实
fact-case-verified = 核实
fact-case-merged = 并入
fact-case-joined = 另一问题并入
fact-case-transferred = 移交
fact-case-transfer_taken_back = 收回移交
fact-case-transfer_answered = 移交单位答复已整改
fact-case-transfer_failed = 复查不通过，退回移交单位
fact-case-assigned_finally = 领导指定责任单位，不得再退
fact-case-extension_asked = 申请延期
fact-case-extension_granted = 同意延期
fact-case-extension_refused = 不同意延期
fact-case-hold_asked = 申请挂账
fact-case-hold_granted = 同意挂账
fact-case-hold_refused = 不同意挂账
fact-case-hold_renewed = 延长挂账
fact-case-hold_ended = 解除挂账
fact-case-supervised = 督办
fact-case-void_asked = 申请作废
fact-case-voided = 作废
fact-case-void_refused = 不同意作废
fact-case-disputed = 提出异议
fact-case-dispute_upheld = 异议成立，重新整改
fact-case-dispute_refused = 异议不成立
detail-extended = 第 { $n } 次延期，限期 { $due }
detail-held = 至 { $until }，其后限期 { $due }
detail-split = 另立 { $n } 个问题
asked-until = 申请至 { $until }

# 问题页（续）
verify-title = 请您核实
spotcheck-title = 请您抽查
spotcheck-words = 单位自查自改的问题，抽到您现场看一看。不合格的不计入考核，可另行上报。
assign-title = 第二次申请退回，请领导指定
assign-words = 指定后不得再退。指定原单位的，限期照计；另指定单位的，重新计时。
assign-due = 另指定单位时：不填则按分类时限计算。
extension-title = 单位申请延期
extension-latest = 最晚可至 { $at }
extension-left = 还可延期 { $n } 次；不同意的不计次数。
extension-refused = 上次申请延期，未同意
hold-title = 单位申请挂账
hold-words = 挂账期间暂停计时，到期自动恢复。
hold-ask-words = 确因季节、资金、权属等一时不能整改的，可申请挂账，由领导答复；答复前限期照计。
hold-until = 挂账至 { $until }，暂停计时
hold-refused = 上次申请挂账，未同意
void-title = 中心申请作废
void-words = 作废后不再办理，各项统计均不计入。
void-ask-words = 误报、重复录入等不应存在的问题，经领导同意后作废。
confirm-void = 作废后不能恢复。确定吗？
dispute-title = 上报人有异议
dispute-until = 认为没有整改好的，{ $until } 前可提一次异议。
hand-back-until = { $until } 前可申请退回；同意之前限期照计。
transfer-answer-title = 移交单位的答复
transfer-answer-words = 对方答复已整改的，登记后转复查。
transfer-words = 移交后由对方办理，不计入本街道单位的考核。
merge-words = 与另一问题是同一件事的，并入其中；双方上报人和办理过程都保留，只计一件。
confirm-merge = 并案后不能恢复。确定吗？
split-words = 一次上报了几件事的，拆成各自的问题；照片和上报人随之保留。不填的行不拆。
supervised-demand = 领导督办：
related-merged-into = 并入
related-origin = 拆分自
related-inside = 并入本案
related-parted = 拆分出
deadline-extended = 延期：原限期 { $was }，延至 { $due }
deadline-held = 挂账至 { $until }，其间不计时，限期顺延至 { $due }
deadline-held-longer = 挂账延长至 { $until }，限期顺延至 { $due }
deadline-resumed = 提前恢复计时，限期 { $due }
field-verdict = 是否属实
field-verifier = 核实人
field-finding-short = 抽查结果
field-why = 理由
field-demand = 督办要求
field-hold-until = 挂账至
field-new-due-short = 新限期
field-not-mended = 哪里没有整改好
field-receiver = 移交给
field-receipt = 对方回执号
field-transfer-words = 移交给谁、请对方办什么
field-transfer-due = 请对方答复的时间
field-transfer-due-help = 不填则按中心设定的移交时限。
field-their-answer = 对方的答复
field-merge-into = 并入问题编号
field-part = 拆分出的问题 { $n }
field-after-photos-optional = 整改后照片（可不传，最多6张）

# 立行立改、自查自改
mended-on_spot-title = 立行立改
mended-on_spot-words = 当场发现、当场整改好的，前后各拍一张，登记即结案，单独统计。
mended-self_check-title = 自查自改
mended-self_check-words = 本单位自己发现、自己整改好的，前后各拍一张。登记即结案，单独统计，不计入通报，也不扣分；少数会抽查。
mended-submit = 登记并结案

# 时限与环节
limits-verify = 核实（工作小时）
limits-verify-help = 从转核实到核实人答复。
limits-hand_back = 可申请退回（工作小时）
limits-hand_back-help = 派遣后多久以内，单位可以申请退回。
limits-transfer = 移交（工作小时）
limits-transfer-help = 没有与对方约定时间的，多久以内应有答复。
limits-dispute = 可提异议（自然日）
limits-dispute-help = 结案后多久以内，上报人可以提一次异议。
limits-sample = 自查抽查比例（%）
limits-sample-help = 单位自查自改的，随机抽多少到现场看。
desks-title = 启用的环节
desks-words = 没有的环节可以停用，页面上不再出现；已经开始的仍可办完。
desk-verify = 核实
desk-help-verify = 立案前请附近的人看一看是否属实
desk-mend_on_spot = 立行立改
desk-help-mend_on_spot = 当场整改好的，登记即结案
desk-self_check = 自查自改
desk-help-self_check = 单位、社区自己发现并整改
desk-extension = 延期
desk-help-extension = 单位可申请延期，最多两次
desk-hold = 挂账
desk-help-hold = 一时不能整改的，经领导同意暂停计时
desk-transfer = 移交
desk-help-transfer = 移交执法、区平台、部门、权属单位
desk-supervise = 督办
desk-help-supervise = 领导盯办
desk-dispute = 异议
desk-help-dispute = 结案后上报人可提一次异议
help-any-open = 办理中的任一环节
help-same = 不变
