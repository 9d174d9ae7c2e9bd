"""Sign in and out, sign up, and a new password."""

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user
from wtforms import EmailField, HiddenField, PasswordField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Regexp

from market.accounts import services, throttle
from market.accounts.models import OrganisationKind
from market.act import ANYONE
from market.errors import TooManyAttemptsError
from market.web.account.blueprint import bp
from market.web.form import Form, attempt, require_no_control_characters, succeeds
from market.web.guard import SECRET_FIELDS
from market.web.i18n import _
from market.web.redirects import own_path
from market.web.request import world
from market.web.viewer import Viewer, load_viewer, viewer

LOGIN_SHAPE = Regexp(r"^[^@\s]{1,64}@[^@\s]{1,55}$", message="请填写邮箱，例如 name@example.com。")


class SignInForm(Form):
    """Login and password."""

    login = StringField(
        "邮箱", [InputRequired("请填写邮箱。"), Length(max=120, message="邮箱太长。")]
    )
    password = PasswordField(
        "密码", [InputRequired("请填写密码。"), Length(max=128, message="密码太长。")]
    )
    next = HiddenField()


class SignUpForm(Form):
    """Who signs up, and for whom."""

    kind = RadioField(
        "您以什么身份办事",
        choices=[
            SelectChoice("person", "个人"),
            SelectChoice("enterprise", "企业或其他单位"),
        ],
        default="person",
    )
    name = StringField(
        "姓名",
        [
            InputRequired("请填写姓名。"),
            Length(max=60, message="姓名不超过 60 个字。"),
            require_no_control_characters,
        ],
    )
    organisation_name = StringField(
        "单位名称",
        [Length(max=120, message="单位名称不超过 120 个字。"), require_no_control_characters],
    )
    login = EmailField(
        "邮箱",
        [InputRequired("请填写邮箱。"), Length(max=120, message="邮箱太长。"), LOGIN_SHAPE],
    )
    password = PasswordField("密码", [InputRequired("请设置密码。")])


class ResetRequestForm(Form):
    """Whose password."""

    login = StringField("邮箱", [InputRequired("请填写注册时的邮箱。"), Length(max=120)])


class NewPasswordForm(Form):
    """The new password."""

    password = PasswordField("新密码", [InputRequired("请填写新密码。")])


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for login and password."""
    form = SignInForm(data={"next": own_path(request.args.get("next", ""))})
    if not form.validate_on_submit():
        return _ask(form), 422 if form.errors else 200
    token = _try_to_sign_in(form)
    if not token:
        return _ask(form), 401
    return _enter(token, own_path(form.next.data or ""))


def _ask(form: SignInForm) -> str:
    """Show the form; what was typed before the session ended stays with it."""
    return render_template("account/sign_in.html", form=form, kept=_resumed_fields())


def _try_to_sign_in(form: SignInForm) -> str:
    """Give the token of a new session, or "" with the reason on the form."""
    running, address = world(), request.remote_addr or ""
    login = services.normal_login(form.login.data)
    try:
        running.runtime.act(ANYONE, lambda act: throttle.require_calm(act, "sign_in", login))
    except TooManyAttemptsError as error:
        form.blame(error)
        return ""
    with running.runtime.reading(fresh=True) as session:
        user_id = services.check_password(session, running.passwords, login, form.password.data)
    token = running.runtime.act(
        ANYONE, lambda act: services.sign_in(act, user_id, login, address=address)
    )
    if not token:
        form.blame(services.WrongPasswordError())
    return token


def _enter(token: str, target: str) -> ResponseReturnValue:
    kept = {name: cookie[name] for name in ("care", "theme") if name in cookie}
    cookie.clear()  # a new session id at sign-in: what stood in the old cookie is worth nothing
    cookie.update(kept)
    person = load_viewer(token)
    login_user(person)
    kept_form = _resumed_fields()
    if kept_form and target:
        return render_template("account/resume.html", fields=kept_form, target=target)
    return redirect(target or (person.home_url if isinstance(person, Viewer) else "/"))


def _resumed_fields() -> list[tuple[str, str]]:
    """Pick up what a person had typed before the session ended."""
    prefix = "kept:"
    return [
        (name.removeprefix(prefix), text)
        for name, text in request.form.items(multi=True)
        if name.startswith(prefix) and not any(word in name for word in SECRET_FIELDS)
    ]


@bp.route("/sign-out", methods=["POST"])
def sign_out() -> ResponseReturnValue:
    """End this session."""
    person = viewer()
    if isinstance(person, Viewer):
        world().runtime.act(
            person.signed_in.actor, lambda act: services.sign_out(act, person.token)
        )
    logout_user()
    cookie.clear()
    flash(_("您已安全退出。"), "success")
    response = redirect(url_for("public.home"))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@bp.route("/sign-up", methods=["GET", "POST"])
def sign_up() -> ResponseReturnValue:
    """Open an account for a person or an enterprise."""
    form = SignUpForm()
    running = world()
    if form.validate_on_submit():
        person = services.NewPerson(
            login=form.login.data,
            name=form.name.data.strip(),
            password=form.password.data,
            kind=OrganisationKind(form.kind.data),
            organisation_name=(form.organisation_name.data or "").strip(),
            region=running.runtime.settings.region,
        )
        membership = attempt(form, lambda act: services.sign_up(act, running.passwords, person))
        if membership is not None:
            token = running.runtime.act(ANYONE, lambda act: services.open_session(act, membership))
            flash(_("账户已开通，您已登录。"), "success")
            return _enter(token, "")
    return render_template("account/sign_up.html", form=form), 422 if form.errors else 200


@bp.route("/reset", methods=["GET", "POST"])
def reset() -> ResponseReturnValue:
    """Mail a link; the answer does not tell whether the address is known."""
    form = ResetRequestForm()
    if form.validate_on_submit():
        base = world().runtime.settings.public_url + url_for("account.new_password", token="")
        text = (_("重设阳光中介超市的密码"), render_template("mail/reset.txt"))
        login = form.login.data
        if succeeds(
            form, lambda act: services.request_reset(act, login, link_base=base, text=text)
        ):
            return render_template("account/reset_sent.html")
    return render_template("account/reset.html", form=form), 422 if form.errors else 200


@bp.route("/new-password", methods=["GET", "POST"])
def new_password() -> ResponseReturnValue:
    """Set the new password by the mailed link."""
    form = NewPasswordForm()
    token = request.args.get("token", "")
    if form.validate_on_submit():
        rules = world().passwords
        password = form.password.data
        if succeeds(form, lambda act: services.reset_password(act, rules, token, password)):
            flash(_("新密码已生效，请重新登录。"), "success")
            return redirect(url_for("account.sign_in"))
    return render_template("account/new_password.html", form=form), 422 if form.errors else 200
