//! Schedules of an installation: those of the kernel and the rooms, put in at every start of
//! a server or worker. A schedule that the bank has changed stays as it is.

use zf_kernel::App;
use zf_kernel::error::Result;
use zf_kernel::job::house;
use zf_kernel::job::schedule::install;

/// Adds the schedules that are not there yet.
pub async fn schedules(app: &App) -> Result<()> {
    install(app, house::schedules(), app.now()).await?;
    install(app, zf_network::import::jobs::SCHEDULES, app.now()).await?;
    install(app, zf_plan::groups::jobs::SCHEDULES, app.now()).await?;
    install(app, zf_plan::targets::jobs::SCHEDULES, app.now()).await?;
    install(app, zf_plan::week_plan::jobs::SCHEDULES, app.now()).await?;
    install(app, zf_custody::export::jobs::SCHEDULES, app.now()).await?;
    install(app, zf_field::blob::jobs::SCHEDULES, app.now()).await?;
    install(app, zf_field::sync::pull::jobs::SCHEDULES, app.now()).await?;
    install(app, zf_act::SCHEDULES, app.now()).await?;
    install(app, zf_register::quality::jobs::SCHEDULES, app.now()).await?;
    install(app, zf_custody::schedules(), app.now()).await
}
