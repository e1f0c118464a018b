// Pages that look signed and stamped, drawn here so that nobody needs files at hand to try the demo.

const WIDTH = 820
const HEIGHT = 1160
const LETTERS = '"Times New Roman", "Liberation Serif", serif'

const PAGES = {
  1: (pen, school) => { head(pen, school); body(pen, 420, 11); mark(pen) },
  2: (pen) => { body(pen, 130, 9); table(pen, 470); sign(pen, 760); mark(pen) },
}

export function preview(canvas, number) {
  const scale = canvas.width / WIDTH
  const pen = canvas.getContext('2d')
  pen.setTransform(scale, 0, 0, scale, 0, 0)
  paper(pen)
  PAGES[number](pen, '')
}

/** A photo of one page: a little crooked and shaded, as a telephone takes it. */
export async function photo(number, school) {
  const blob = await jpeg(draw(number, school, true))
  return new File([blob], `trang-ky-${number}.jpg`, { type: 'image/jpeg' })
}

/** Both pages as a PDF whose pages are JPEG pictures. */
export async function pdf(school) {
  const pages = []
  for (const number of [1, 2]) pages.push(await (await jpeg(draw(number, school, false))).arrayBuffer())
  return new File([new Blob(pdfParts(pages))], 'bao-cao-mau.pdf', { type: 'application/pdf' })
}

function draw(number, school, crooked) {
  const canvas = document.createElement('canvas')
  const edge = crooked ? 46 : 0
  canvas.width = WIDTH + 2 * edge
  canvas.height = HEIGHT + 2 * edge
  const pen = canvas.getContext('2d')
  desk(pen, canvas)
  pen.translate(canvas.width / 2, canvas.height / 2)
  if (crooked) pen.rotate(number === 1 ? -0.013 : 0.018)
  pen.translate(-WIDTH / 2, -HEIGHT / 2)
  paper(pen)
  PAGES[number](pen, school)
  if (crooked) shade(pen)
  return canvas
}

function jpeg(canvas) {
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.82))
}

function desk(pen, canvas) {
  const wood = pen.createLinearGradient(0, 0, canvas.width, 0)
  wood.addColorStop(0, '#8a6a48')
  wood.addColorStop(0.5, '#a07c55')
  wood.addColorStop(1, '#7c5d3e')
  pen.fillStyle = wood
  pen.fillRect(0, 0, canvas.width, canvas.height)
}

function paper(pen) {
  pen.fillStyle = '#fdfcf7'
  pen.fillRect(0, 0, WIDTH, HEIGHT)
}

function shade(pen) {
  const light = pen.createLinearGradient(0, 0, WIDTH, HEIGHT)
  light.addColorStop(0, 'rgba(255, 250, 230, .10)')
  light.addColorStop(1, 'rgba(60, 50, 30, .20)')
  pen.fillStyle = light
  pen.fillRect(0, 0, WIDTH, HEIGHT)
}

function head(pen, school) {
  write(pen, 'UBND THÀNH PHỐ SƠN LA', 210, 92, '21px')
  write(pen, (school || 'TRƯỜNG …').toLocaleUpperCase('vi'), 210, 122, 'bold 21px', 350)
  write(pen, 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', 590, 92, 'bold 19px', 400)
  write(pen, 'Độc lập – Tự do – Hạnh phúc', 590, 122, 'bold 20px')
  rule(pen, 150, 136, 120)
  rule(pen, 470, 136, 240)
  write(pen, 'Số: 12/BC', 210, 182, '20px')
  write(pen, 'Sơn La, ngày … tháng … năm 2018', 590, 182, 'italic 20px')
  write(pen, 'BÁO CÁO', 410, 272, 'bold 30px')
  write(pen, 'Kết quả thực hiện công tác dân vận', 410, 316, 'bold 24px')
  rule(pen, 340, 334, 140)
}

function body(pen, top, lines) {
  pen.fillStyle = '#4c4b47'
  for (let line = 0; line < lines; line += 1) {
    const y = top + line * 56
    const first = line % 4 === 0
    words(pen, first ? 130 : 90, y, line % 4 === 3 ? 420 : 730)
  }
}

function words(pen, from, y, to) {
  let x = from
  for (let at = 0; x < to; at += 1) {
    const width = 22 + ((at * 37 + y * 13) % 58)
    pen.fillRect(x, y, Math.min(width, to - x), 9)
    x += width + 11
  }
}

function table(pen, top) {
  pen.strokeStyle = '#55534c'
  pen.lineWidth = 2
  for (let row = 0; row <= 4; row += 1) line(pen, 90, top + row * 48, 730, top + row * 48)
  for (const x of [90, 160, 470, 600, 730]) line(pen, x, top, x, top + 192)
  pen.fillStyle = '#6b6961'
  for (let row = 1; row < 4; row += 1) words(pen, 176, top + row * 48 + 20, 430)
}

function sign(pen, top) {
  write(pen, 'HIỆU TRƯỞNG', 570, top, 'bold 23px')
  pen.strokeStyle = '#2a49a8'
  pen.lineWidth = 4
  pen.beginPath()
  pen.moveTo(480, top + 110)
  pen.bezierCurveTo(520, top - 10, 560, top + 150, 575, top + 60)
  pen.bezierCurveTo(590, top + 10, 610, top + 150, 690, top + 62)
  pen.stroke()
  stamp(pen, 500, top + 78)
}

function stamp(pen, x, y) {
  pen.save()
  pen.globalAlpha = 0.72
  pen.strokeStyle = pen.fillStyle = '#c22d2d'
  pen.lineWidth = 5
  circle(pen, x, y, 84)
  pen.lineWidth = 2
  circle(pen, x, y, 58)
  pen.font = `bold 68px ${LETTERS}`
  pen.textAlign = 'center'
  pen.fillText('★', x, y + 24)
  pen.font = `bold 15px ${LETTERS}`
  around(pen, 'MẪU · BẢN TRÌNH DIỄN · MẪU · BẢN TRÌNH DIỄN · ', x, y, 66)
  pen.restore()
}

function around(pen, text, x, y, radius) {
  for (const [at, letter] of [...text].entries()) {
    pen.save()
    pen.translate(x, y)
    pen.rotate((at / text.length) * 2 * Math.PI)
    pen.fillText(letter, 0, -radius)
    pen.restore()
  }
}

function mark(pen) {
  write(pen, 'Trang mẫu của bản trình diễn', 410, 1120, 'italic 19px')
}

function write(pen, text, x, y, font, most) {
  pen.fillStyle = '#23221f'
  pen.font = `${font} ${LETTERS}`
  pen.textAlign = 'center'
  pen.fillText(text, x, y, most)
}

function rule(pen, x, y, width) {
  pen.fillStyle = '#23221f'
  pen.fillRect(x, y, width, 2)
}

function line(pen, x, y, toX, toY) {
  pen.beginPath()
  pen.moveTo(x, y)
  pen.lineTo(toX, toY)
  pen.stroke()
}

function circle(pen, x, y, radius) {
  pen.beginPath()
  pen.arc(x, y, radius, 0, 2 * Math.PI)
  pen.stroke()
}

/** The parts of a PDF file. Objects: 1 catalogue, 2 page tree, then page, content, picture for each. */
function pdfParts(pictures) {
  const parts = []
  const starts = []
  let size = 0
  const add = (part) => { parts.push(part); size += part.byteLength ?? part.length }
  const object = (number, ...inside) => {
    starts[number] = size
    for (const part of [`${number} 0 obj\n`, ...inside, '\nendobj\n']) add(part)
  }
  add('%PDF-1.4\n')
  object(1, '<</Type/Catalog/Pages 2 0 R>>')
  const kids = pictures.map((_, at) => `${3 + at * 3} 0 R`).join(' ')
  object(2, `<</Type/Pages/Count ${pictures.length}/Kids[${kids}]>>`)
  pictures.forEach((picture, at) => pdfPage(object, 3 + at * 3, picture))
  const end = size
  const rows = starts.slice(1).map((start) => `${String(start).padStart(10, '0')} 00000 n \n`)
  add(`xref\n0 ${starts.length}\n0000000000 65535 f \n${rows.join('')}`)
  add(`trailer\n<</Size ${starts.length}/Root 1 0 R>>\nstartxref\n${end}\n%%EOF\n`)
  return parts
}

function pdfPage(object, number, picture) {
  const content = 'q 595 0 0 842 0 0 cm /P Do Q'
  const uses = `/Resources<</XObject<</P ${number + 2} 0 R>>>>`
  object(number, `<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]${uses}/Contents ${number + 1} 0 R>>`)
  object(number + 1, `<</Length ${content.length}>>stream\n${content}\nendstream`)
  const shape = `/Width ${WIDTH}/Height ${HEIGHT}/ColorSpace/DeviceRGB/BitsPerComponent 8`
  const about = `<</Type/XObject/Subtype/Image${shape}/Filter/DCTDecode/Length ${picture.byteLength}>>`
  object(number + 2, `${about}stream\n`, picture, '\nendstream')
}
