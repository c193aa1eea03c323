//! Outlines → pixels. Opens nothing: pictures are those inside the drawing, and
//! there are no fonts.

use crate::values::geometry::Size;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;
use std::sync::Arc;

/// Largest side of a frame.
pub(super) const MAX_SIDE: u32 = 8192;

/// Premultiplied sRGB code values, rows from the top, without padding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Raster {
    pub size: Size,
    pub rgba: Vec<u8>,
}

impl Raster {
    /// The same pixels with colour and alpha apart, as PNG keeps them.
    pub fn straight_alpha(&self) -> Vec<u8> {
        let pixels = self.rgba.chunks_exact(4).flat_map(|p| {
            let straight = |channel: u8| match u16::from(p[3]) {
                0 => 0,
                alpha => ((u16::from(channel) * 255 + alpha / 2) / alpha).min(255) as u8,
            };
            [straight(p[0]), straight(p[1]), straight(p[2]), p[3]]
        });
        pixels.collect()
    }
}

/// Draws what `lay_out` made, at the size for which it was made.
pub fn rasterise(svg: &str, size: Size) -> Result<Raster, String> {
    if size.width > MAX_SIDE || size.height > MAX_SIDE {
        return Err(format!("{}x{} is too large", size.width, size.height));
    }
    let tree = parse(svg)?;
    let mut pixmap = Pixmap::new(size.width, size.height)
        .ok_or_else(|| format!("{}x{} is no size", size.width, size.height))?;
    let transform = Transform::from_scale(
        size.width as f32 / tree.size().width(),
        size.height as f32 / tree.size().height(),
    );
    resvg::render(&tree, transform, &mut pixmap.as_mut());
    Ok(Raster {
        size,
        rgba: pixmap.take(),
    })
}

/// A drawing without access to files, fonts or nested documents.
pub(super) fn parse(svg: &str) -> Result<usvg::Tree, String> {
    let xml = usvg::roxmltree::ParsingOptions {
        allow_dtd: false,
        ..Default::default()
    };
    let document = usvg::roxmltree::Document::parse_with_options(svg, xml)
        .map_err(|error| error.to_string())?;
    usvg::Tree::from_xmltree(&document, &options()).map_err(|error| error.to_string())
}

fn options() -> usvg::Options<'static> {
    usvg::Options {
        resources_dir: None,
        image_href_resolver: usvg::ImageHrefResolver {
            resolve_data: Box::new(|mime, bytes: Arc<Vec<u8>>, _| match mime {
                "image/png" => Some(usvg::ImageKind::PNG(bytes)),
                "image/jpeg" | "image/jpg" => Some(usvg::ImageKind::JPEG(bytes)),
                _ => None,
            }),
            resolve_string: Box::new(|_, _| None),
        },
        ..usvg::Options::default()
    }
}
